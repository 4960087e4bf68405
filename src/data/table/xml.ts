/**
 * @file Walks through XML, which nobody vouches for: no document types, hence no entities of its own, and bounded in memory.
 */

import sax, { type QualifiedTag, type Tag } from 'sax';
import { FoveaError, messageOf } from '../../errors.ts';

/** What is done on the way. Names of elements and attributes come without prefixes. */
export interface XmlVisitor {
  /** An element begins. */
  open(name: string, attributes: ReadonlyMap<string, string>): void;
  /** An element ends. */
  close(name: string): void;
  /** Text, perhaps a part of it. */
  text?(text: string): void;
}

/** sax looks after its own memory between two writes, so that they must be short. */
const CHUNK_BYTES = 2 ** 15;
const MAX_DEPTH = 64;
const MAX_ATTRIBUTES = 256;

/**
 * Walks through the XML in `bytes`, in UTF-8.
 *
 * Throws 'bad-data', naming `what`, where it is not well formed, has a document type, or elements more than 64 deep.
 */
export function walkXml(what: string, bytes: Uint8Array, visitor: XmlVisitor): void {
  const parser = sax.parser(true);
  const refuse = (found: string): never => {
    throw new FoveaError('bad-data', `${what} has ${found}: no spreadsheet needs that.`);
  };
  let depth = 0;
  let attributes = new Map<string, string>();
  parser.onerror = (error) => {
    throw error;
  };
  parser.ondoctype = () => refuse('a document type');
  parser.onattribute = ({ name, value }) => {
    attributes.set(localName(name), value);
    if (attributes.size > MAX_ATTRIBUTES) refuse(`an element of more than ${MAX_ATTRIBUTES} attributes`);
  };
  parser.onopentag = ({ name }: Tag | QualifiedTag) => {
    depth += 1;
    if (depth > MAX_DEPTH) refuse(`elements nested more than ${MAX_DEPTH} deep`);
    visitor.open(localName(name), attributes);
    attributes = new Map();
  };
  parser.onclosetag = (name) => {
    depth -= 1;
    visitor.close(localName(name));
  };
  parser.ontext = (text) => visitor.text?.(text);
  parser.oncdata = (text) => visitor.text?.(text);
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true });
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES)
      parser.write(decoder.decode(bytes.subarray(at, at + CHUNK_BYTES), { stream: true }));
    parser.write(decoder.decode()).close();
  } catch (cause) {
    if (cause instanceof FoveaError) throw cause;
    const [reason] = messageOf(cause).split('\n');
    throw new FoveaError('bad-data', `${what} is no well-formed XML: ${reason}.`, { cause });
  }
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}
