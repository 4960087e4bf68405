/** @file A zip archive as a {@link Tree}. */

import type { ZipArchive, ZipEntry } from '../../io/zip/open-zip.ts';
import type { Tree, TreeFile } from './tree.ts';

/** A folder while it is being filled. */
interface Folder {
  readonly folders: Map<string, Folder>;
  readonly files: TreeFile[];
}

/** The folders that the names of an archive's entries tell of. */
export function zipTree(zip: ZipArchive): Tree {
  const root: Folder = { folders: new Map(), files: [] };
  for (const entry of zip.entries) {
    const parts = entry.name.split('/').filter((part) => part !== '' && part !== '.');
    const name = parts.pop();
    if (name === undefined) continue;
    let folder = root;
    for (const part of parts) {
      const next = folder.folders.get(part) ?? { folders: new Map(), files: [] };
      folder.folders.set(part, next);
      folder = next;
    }
    folder.files.push(fileOf(zip, entry, name));
  }
  return treeOf(zip.name.slice(zip.name.lastIndexOf('/') + 1), zip.name, root);
}

function treeOf(name: string, path: string, { folders, files }: Folder): Tree {
  return {
    name,
    path,
    list: async () => ({
      folders: Array.from(folders, ([child, folder]) => treeOf(child, `${path}/${child}`, folder)),
      files,
    }),
  };
}

function fileOf(zip: ZipArchive, entry: ZipEntry, name: string): TreeFile {
  return {
    name,
    path: `${zip.name}/${entry.name}`,
    source: { bytes: entry.size, read: () => zip.read(entry) },
    open: () => zip.open(entry),
  };
}
