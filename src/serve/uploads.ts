/**
 * @file The images in the body of a request: one as it is, or several as a form.
 */

import { MIMEType } from 'node:util';
import { counted } from '../counted.ts';
import { accept, Refusal } from './refusal.ts';

/** An image as it was sent. */
export interface Upload {
  /** The name of the file; where there is none, its place. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

const FORM = 'multipart/form-data';
/** Bodies of which it is not known what they are. */
const ANY = 'application/octet-stream';
/** Parts of a form that are no images. */
const OTHER_PARTS = 8;

/**
 * The images of a body of type `contentType`, at most `maxImages`. Throws a {@link Refusal} for other types, malformed
 * forms, too many images, and none.
 */
export async function uploadsOf(
  body: Uint8Array<ArrayBuffer>,
  contentType: string,
  maxImages: number,
): Promise<Upload[]> {
  const type = typeOf(contentType);
  const uploads =
    type?.essence === FORM ? await filesOf(body, type, maxImages) : [raw(body, type, contentType)];
  accept(uploads.length > 0, 400, () => 'The form has no file: send each image as a part with a file name.');
  accept(uploads.length <= maxImages, 413, () => tooMany(maxImages));
  return uploads;
}

/** A content type; undefined where it is malformed, or there is none. */
function typeOf(contentType: string): MIMEType | undefined {
  try {
    return new MIMEType(contentType);
  } catch {
    return undefined;
  }
}

function raw(bytes: Uint8Array, type: MIMEType | undefined, contentType: string): Upload {
  accept(type?.type === 'image' || type?.essence === ANY, 415, () => {
    const found = contentType === '' ? 'none' : `“${contentType.slice(0, 100)}”`;
    return `The content type is ${found}: send an image as image/jpeg or image/png, or several as ${FORM}.`;
  });
  accept(bytes.length > 0, 400, () => 'The body is empty: send an image.');
  return { name: 'image 1', bytes };
}

async function filesOf(body: Uint8Array<ArrayBuffer>, type: MIMEType, maxImages: number): Promise<Upload[]> {
  // A form of a million empty parts would take a gigabyte to parse.
  accept(countParts(body, type) <= maxImages + OTHER_PARTS, 413, () => tooMany(maxImages));
  let form: Awaited<ReturnType<Response['formData']>>;
  try {
    form = await new Response(body, { headers: { 'content-type': String(type) } }).formData();
  } catch {
    throw new Refusal(400, `The body is no ${FORM}: it is malformed, or its boundary is another one.`);
  }
  const files = [...form.values()].filter((value) => typeof value !== 'string');
  return Promise.all(
    files.map(async (file, i) => ({
      name: file.name === '' ? `image ${i + 1}` : file.name,
      bytes: new Uint8Array(await file.arrayBuffer()),
    })),
  );
}

/** How many parts a form has at most: how often its boundary occurs. */
function countParts(body: Uint8Array<ArrayBuffer>, { params }: MIMEType): number {
  const boundary = params.get('boundary');
  accept(!!boundary, 400, () => `The content type ${FORM} names no boundary.`);
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const delimiter = `--${boundary}`;
  let parts = 0;
  for (let at = bytes.indexOf(delimiter); at >= 0; at = bytes.indexOf(delimiter, at + delimiter.length))
    parts++;
  return parts;
}

const tooMany = (most: number) =>
  `There are more than ${counted(most, 'image')} in one request: send several requests.`;
