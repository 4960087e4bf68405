/**
 * @file iChallenge-PM's archives in the original's layout: nested, with what is no photograph in them.
 */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildZip, type ZipInput } from '../io/zip/build-zip.ts';
import { buildXlsx, type Cell } from './table/build-xlsx.ts';

/** A photograph: its name and its bytes. */
export type Photograph = readonly [name: string, bytes: Uint8Array];

const SYSTEM = [
  '.DS_Store',
  'Thumbs.db',
  '.ipynb_checkpoints/P0001-checkpoint.jpg',
  '.ipynb_checkpoints/V0001.jpg',
];
const stray = (folder: string): ZipInput[] => [
  ...SYSTEM.map((name) => ({ name: `${folder}/${name}`, data: 'stray' })),
  { name: `__MACOSX/${folder}/._P0001.jpg`, data: 'stray' },
];
/** A folder of photographs in an archive. */
export const inFolder = (folder: string, photographs: readonly Photograph[], method = 8): ZipInput[] => [
  { name: `${folder}/` },
  ...photographs.map(([name, data]) => ({ name: `${folder}/${name}`, data, method })),
];

/** Writes the three archives as they are downloaded into `dir`; `method` is how those within are kept, 0 or 8. */
export async function writeArchives(
  dir: string,
  training: readonly Photograph[],
  validation: readonly Photograph[],
  rows: readonly (readonly Cell[])[],
  method = 8,
): Promise<{ train: string; val: string; labels: string }> {
  const masks = ['Disc_Masks', 'Lesion_Masks/Atrophy'].flatMap((folder) =>
    inFolder(
      folder,
      training.map(([name]) => [name, Buffer.from('a mask')]),
    ),
  );
  const train = buildZip([
    { name: 'PALM-Training400/' },
    ...stray('PALM-Training400'),
    {
      name: 'PALM-Training400/PALM-Training400.zip',
      method,
      data: buildZip([...inFolder('PALM-Training400', training), ...stray('PALM-Training400')]),
    },
    { name: 'PALM-Training400/PALM-Training400-Annotation-D&F.zip', method, data: buildZip(masks) },
    { name: 'PALM-Training400/PALM-Training400-Annotation-Lession.zip', method, data: buildZip(masks) },
  ]);
  const val = buildZip([
    ...inFolder('PALM-Validation400', validation, method),
    ...stray('PALM-Validation400'),
  ]);
  const table = buildXlsx([[['ID', 'imgName', 'Label', 'Fovea_X', 'Fovea_Y'], ...rows], [], []]);
  const labels = buildZip([
    { name: 'PALM-Validation-GT/PM_Label_and_Fovea_Location.xlsx', data: table, method },
    ...inFolder(
      'PALM-Validation-GT/Lesion_Masks',
      validation.map(([name]) => [name, Buffer.from('a mask')]),
    ),
    { name: 'PALM-Validation-GT/~$PM_Label_and_Fovea_Location.xlsx', data: 'open in Excel' },
    ...stray('PALM-Validation-GT'),
  ]);
  const paths = {
    train: join(dir, 'training.zip'),
    val: join(dir, 'validation.zip'),
    labels: join(dir, 'valid_gt.zip'),
  };
  await writeFile(paths.train, train);
  await writeFile(paths.val, val);
  await writeFile(paths.labels, labels);
  return paths;
}
