/** @file A {@link Tree} of files that are known by their paths alone, as those of archives and of file inputs are. */

import type { Tree, TreeFile } from './tree.ts';

/** A folder while it is being filled. */
interface Folder {
  readonly folders: Map<string, Folder>;
  readonly files: TreeFile[];
}

/** The folders that the paths of `files`, by slashes, tell of. `name` and `path` are those of the tree; `fileAt` makes a file of an entry. */
export function treeOfPaths<T>(
  { name, path }: Pick<Tree, 'name' | 'path'>,
  files: Iterable<readonly [path: string, entry: T]>,
  fileAt: (entry: T, name: string) => TreeFile,
): Tree {
  const root: Folder = { folders: new Map(), files: [] };
  for (const [place, entry] of files) {
    const parts = place.split('/').filter((part) => part !== '' && part !== '.');
    const last = parts.pop();
    if (last === undefined) continue;
    let folder = root;
    for (const part of parts) {
      const next = folder.folders.get(part) ?? { folders: new Map(), files: [] };
      folder.folders.set(part, next);
      folder = next;
    }
    folder.files.push(fileAt(entry, last));
  }
  return treeOf(name, path, root);
}

function treeOf(name: string, path: string, { folders, files }: Folder): Tree {
  const prefix = path === '' ? '' : `${path}/`;
  return {
    name,
    path,
    list: async () => ({
      folders: Array.from(folders, ([child, folder]) => treeOf(child, prefix + child, folder)),
      files,
    }),
  };
}
