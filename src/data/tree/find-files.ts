/** @file Finds files in a {@link Tree}, and in archives that lie in it. */

import { check } from '../../errors.ts';
import { openZip } from '../../io/zip/open-zip.ts';
import type { Tree, TreeFile } from './tree.ts';
import { zipTree } from './zip-tree.ts';

/** What is looked for. */
export interface Wanted {
  /** Whether a file with this name is. */
  isWanted(name: string): boolean;
  /** Whether a folder or an archive with this name is passed over with all that is in it; those of systems always are. */
  isPassedOver?(name: string): boolean;
}

/** A file that was looked for. */
export interface FoundFile extends TreeFile {
  /** Its path from the tree on, archives and folders by slashes. */
  readonly within: string;
}

/** What was found, and the rest. */
export interface Found {
  /** In the order of the tree. */
  readonly files: readonly FoundFile[];
  /** Paths, from the tree on, of other files, and of folders and archives that hold nothing of what is looked for. */
  readonly passedOver: readonly string[];
}

/** What macOS, Windows, notebooks and spreadsheets leave behind. */
const SYSTEM = /^(\..*|__MACOSX|~\$.*|Thumbs\.db|desktop\.ini)$/i;
const ARCHIVE = /\.zip$/i;
const MAX_FOLDERS_DEEP = 64;
/** The original's archives lie two deep. */
const MAX_ARCHIVES_DEEP = 4;
const MAX_ARCHIVES = 32;

/**
 * Finds the files that are `wanted` in `tree` and all its folders. Only where there are none, archives in it are looked into: who
 * has unpacked one may have left it beside.
 *
 * Throws 'bad-data' where archives lie more than 4 deep in each other or are more than 32, or folders lie 64 deep; 'bad-file' where a
 * folder or an archive cannot be read.
 */
export async function findFiles(tree: Tree, wanted: Wanted): Promise<Found> {
  const search = new Search(wanted);
  await search.lookInto(tree, '', 1);
  return search;
}

/** Whether a system or a program has left this behind, by its name. */
export const isOfSystem = (name: string): boolean => SYSTEM.test(name);

class Search implements Found {
  readonly files: FoundFile[] = [];
  readonly passedOver: string[] = [];
  readonly #wanted: Wanted;
  #opened = 0;

  constructor(wanted: Wanted) {
    this.#wanted = wanted;
  }

  /** Searches a tree, which is `depth` archives deep if it is one; `prefix` leads to it. */
  async lookInto(tree: Tree, prefix: string, depth: number): Promise<void> {
    const before = this.files.length;
    const archives: { readonly path: string; readonly file: TreeFile }[] = [];
    await this.#walk(tree, prefix, 1, archives);
    const foundSome = this.files.length > before;
    for (const { path, file } of archives) {
      if (foundSome) this.passedOver.push(path);
      else {
        await this.#keepingShort(path, async () => {
          await this.#open(file, `${path}/`, depth + 1);
          return false;
        });
      }
    }
  }

  async #open(file: TreeFile, prefix: string, depth: number): Promise<void> {
    this.#opened += 1;
    check(depth <= MAX_ARCHIVES_DEEP && this.#opened <= MAX_ARCHIVES, 'bad-data', () => {
      return (
        `${file.path} is not looked into: at most ${MAX_ARCHIVES} archives are, at most ${MAX_ARCHIVES_DEEP} deep in each other. ` +
        'Unpack it, and give the folder.'
      );
    });
    await this.lookInto(zipTree(await openZip(await file.open(), file.path)), prefix, depth);
  }

  async #walk(
    tree: Tree,
    prefix: string,
    depth: number,
    archives: { readonly path: string; readonly file: TreeFile }[],
  ): Promise<void> {
    check(depth <= MAX_FOLDERS_DEEP, 'bad-data', () => {
      return `Folders lie more than ${MAX_FOLDERS_DEEP} deep in each other at ${tree.path}: give one further down.`;
    });
    const { folders, files } = await tree.list();
    for (const file of files) {
      const path = prefix + file.name;
      if (!isOfSystem(file.name) && this.#wanted.isWanted(file.name)) {
        // Programs for Windows have written entries of archives by backslashes.
        this.files.push({ ...file, within: path.replaceAll('\\', '/') });
      } else if (ARCHIVE.test(file.name) && !this.#isPassedOver(file.name)) archives.push({ path, file });
      else this.passedOver.push(path);
    }
    for (const folder of folders) {
      const path = prefix + folder.name;
      const known = archives.length;
      await this.#keepingShort(path, async () => {
        if (!this.#isPassedOver(folder.name)) await this.#walk(folder, `${path}/`, depth + 1, archives);
        return archives.length > known;
      });
    }
  }

  /** Passes over a folder or archive as a whole where `work` finds nothing in it, nor anything to look into later. */
  async #keepingShort(path: string, work: () => Promise<boolean>): Promise<void> {
    const [found, passed] = [this.files.length, this.passedOver.length];
    const isPromising = await work();
    if (isPromising || this.files.length > found) return;
    this.passedOver.length = passed;
    this.passedOver.push(path);
  }

  #isPassedOver(name: string): boolean {
    return isOfSystem(name) || this.#wanted.isPassedOver?.(name) === true;
  }
}
