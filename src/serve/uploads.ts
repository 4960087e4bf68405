/**
 * @file The images in the body of a request: one as it is, or several as a form.
 */

import { accept, Refusal } from './refusal.ts';

/** An image as it was sent. */
export interface Upload {
  /** The name of the file; where there is none, its place. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Bodies that are an image, and those of which that is not known. */
const RAW = /^(image\/|application\/octet-stream)/i;
const FORM = /^multipart\/form-data\b/i;
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
  const uploads = FORM.test(contentType)
    ? await filesOf(body, contentType, maxImages)
    : [raw(body, contentType)];
  accept(uploads.length > 0, 400, () => 'The form has no file: send each image as a part with a file name.');
  accept(uploads.length <= maxImages, 413, () => tooMany(maxImages));
  return uploads;
}

function raw(bytes: Uint8Array, contentType: string): Upload {
  accept(RAW.test(contentType), 415, () => {
    const found = contentType === '' ? 'none' : `“${contentType.slice(0, 100)}”`;
    return `The content type is ${found}: send an image as image/jpeg or image/png, or several as multipart/form-data.`;
  });
  accept(bytes.length > 0, 400, () => 'The body is empty: send an image.');
  return { name: 'image 1', bytes };
}

async function filesOf(
  body: Uint8Array<ArrayBuffer>,
  contentType: string,
  maxImages: number,
): Promise<Upload[]> {
  // A form of a million empty parts would take a gigabyte to parse.
  accept(countParts(body, contentType) <= maxImages + OTHER_PARTS, 413, () => tooMany(maxImages));
  let form: Awaited<ReturnType<Response['formData']>>;
  try {
    form = await new Response(body, { headers: { 'content-type': contentType } }).formData();
  } catch {
    throw new Refusal(
      400,
      'The body is no multipart/form-data: it is malformed, or its boundary is another one.',
    );
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
function countParts(body: Uint8Array<ArrayBuffer>, contentType: string): number {
  const [, quoted, plain] = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType) ?? [];
  const boundary = quoted ?? plain;
  accept(boundary !== undefined, 400, () => 'The content type multipart/form-data names no boundary.');
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const delimiter = `--${boundary}`;
  let parts = 0;
  for (let at = bytes.indexOf(delimiter); at >= 0; at = bytes.indexOf(delimiter, at + delimiter.length))
    parts++;
  return parts;
}

const tooMany = (most: number) => `There are more than ${most} images in one request: send several requests.`;
