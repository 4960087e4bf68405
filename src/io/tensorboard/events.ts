/**
 * @file TensorBoard's events, as tensorflow/core/util/event.proto and framework/summary.proto have them.
 *
 *     Event    { double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary = 5; SessionLog session_log = 7; }
 *     Summary  { repeated Value value = 1; }
 *     Value    { string tag = 1; float simple_value = 2; Image image = 4; }
 *     Image    { int32 height = 1; int32 width = 2; int32 colorspace = 3; bytes encoded_image_string = 4; }
 *     SessionLog { SessionStatus status = 1; }  START = 1
 */

import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** A picture to be shown. */
export interface EncodedImage {
  /** Pixels per row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** The file: a PNG or a JPEG. */
  readonly bytes: Uint8Array;
}

/** What an event says. */
export type EventContent =
  | { readonly fileVersion: string }
  | { readonly scalars: Readonly<Record<string, number>> }
  | { readonly tag: string; readonly image: EncodedImage }
  | 'session-start';

const FIELD = { wallTime: 1, step: 2, fileVersion: 3, summary: 5, sessionLog: 7 } as const;
const VALUE = { tag: 1, simpleValue: 2, image: 4 } as const;
const IMAGE = { height: 1, width: 2, colorspace: 3, bytes: 4 } as const;
const SUMMARY_VALUE = 1;
const SESSION_STATUS = 1;
const SESSION_START = 1;
const RGB = 3;

const field = (writer: BinaryWriter, number: number, type: WireType) => writer.tag(number, type);

/** The bytes of an event. `wallTime` is in seconds since 1970. */
export function encodeEvent(wallTime: number, step: number, content: EventContent): Uint8Array {
  const writer = new BinaryWriter();
  field(writer, FIELD.wallTime, WireType.Bit64).double(wallTime);
  if (step !== 0) field(writer, FIELD.step, WireType.Varint).int64(step); // proto3 leaves out zeros
  if (content === 'session-start') {
    field(writer, FIELD.sessionLog, WireType.LengthDelimited).fork();
    field(writer, SESSION_STATUS, WireType.Varint).int32(SESSION_START).join();
  } else if ('fileVersion' in content) {
    field(writer, FIELD.fileVersion, WireType.LengthDelimited).string(content.fileVersion);
  } else {
    field(writer, FIELD.summary, WireType.LengthDelimited).fork();
    if ('image' in content) writeImage(writer, content.tag, content.image);
    else for (const [tag, value] of Object.entries(content.scalars)) writeScalar(writer, tag, value);
    writer.join();
  }
  return writer.finish();
}

function writeScalar(writer: BinaryWriter, tag: string, value: number): void {
  field(writer, SUMMARY_VALUE, WireType.LengthDelimited).fork();
  field(writer, VALUE.tag, WireType.LengthDelimited).string(tag);
  field(writer, VALUE.simpleValue, WireType.Bit32).float(value).join();
}

function writeImage(writer: BinaryWriter, tag: string, { width, height, bytes }: EncodedImage): void {
  field(writer, SUMMARY_VALUE, WireType.LengthDelimited).fork();
  field(writer, VALUE.tag, WireType.LengthDelimited).string(tag);
  field(writer, VALUE.image, WireType.LengthDelimited).fork();
  field(writer, IMAGE.height, WireType.Varint).int32(height);
  field(writer, IMAGE.width, WireType.Varint).int32(width);
  field(writer, IMAGE.colorspace, WireType.Varint).int32(RGB);
  field(writer, IMAGE.bytes, WireType.LengthDelimited).bytes(bytes).join().join();
}

/** What is read of an event: to which step it belongs, and the names of the values that it has. */
export interface EventNote {
  readonly step: number;
  readonly tags: readonly string[];
}

/** Reads what {@link encodeEvent} wrote; undefined for what is no event. */
export function readEvent(bytes: Uint8Array): EventNote | undefined {
  try {
    const reader = new BinaryReader(bytes);
    const tags: string[] = [];
    let step = 0;
    while (reader.pos < reader.len) {
      const [number, type] = reader.tag();
      if (number === FIELD.step && type === WireType.Varint) step = Number(reader.int64());
      else if (number === FIELD.summary && type === WireType.LengthDelimited)
        tags.push(...tagsOf(reader.bytes()));
      else reader.skip(type, number);
    }
    return { step, tags };
  } catch {
    return undefined;
  }
}

function tagsOf(summary: Uint8Array): string[] {
  const tags: string[] = [];
  for (const value of fieldsOf(summary, SUMMARY_VALUE)) {
    for (const tag of fieldsOf(value, VALUE.tag)) tags.push(new TextDecoder().decode(tag));
  }
  return tags;
}

/** The contents of the fields of that number that have a length. */
function* fieldsOf(message: Uint8Array, wanted: number): Generator<Uint8Array, void, void> {
  const reader = new BinaryReader(message);
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    if (number === wanted && type === WireType.LengthDelimited) yield reader.bytes();
    else reader.skip(type, number);
  }
}
