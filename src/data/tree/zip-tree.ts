/** @file A zip archive as a {@link Tree}. */

import type { ZipArchive, ZipEntry } from '../../io/zip/open-zip.ts';
import type { Tree, TreeFile } from './tree.ts';
import { treeOfPaths } from './tree-of-paths.ts';

/** The folders that the names of an archive's entries tell of. */
export function zipTree(zip: ZipArchive): Tree {
  const root = { name: zip.name.slice(zip.name.lastIndexOf('/') + 1), path: zip.name };
  const entries = zip.entries.map((entry) => [entry.name, entry] as const);
  return treeOfPaths(root, entries, (entry, name) => fileOf(zip, entry, name));
}

function fileOf(zip: ZipArchive, entry: ZipEntry, name: string): TreeFile {
  return {
    name,
    path: `${zip.name}/${entry.name}`,
    source: { bytes: entry.size, read: () => zip.read(entry) },
    open: (maxBytes) => zip.open(entry, maxBytes),
  };
}
