import { execFileSync } from 'node:child_process';
import { basename, join } from 'node:path';

/** A file as it stands at a tag: its path, and the hash under which git keeps its bytes. */
export interface ClonedFile {
  readonly path: string;
  readonly hash: string;
}

/** What a clone of a project's repository tells, read with git alone. Nothing is checked out. */
export interface Clone {
  readonly project: string;
  readonly tags: readonly string[];
  readonly branches: readonly string[];
  readonly commitOf: (ref: string) => string;
  /** The files below a folder at a tag or branch, or the one file of that path; none where nothing is there. */
  readonly files: (ref: string, folder: string) => readonly ClonedFile[];
  readonly textOf: (hash: string) => string;
}

/** Opens `folder/PROJECT`, a clone with all its tags, bare or not. */
export function openClone(folder: string, project: string): Clone {
  const path = join(folder, project);
  const git = (...words: string[]): string =>
    execFileSync('git', ['-C', path, ...words], { encoding: 'utf8', maxBuffer: 2 ** 28 });
  const lines = (...words: string[]): string[] =>
    git(...words)
      .split('\n')
      .filter(Boolean);
  const texts = new Map<string, string>();
  const listings = new Map<string, readonly ClonedFile[]>();
  return {
    project,
    tags: lines('tag', '--list'),
    branches: lines('branch', '--all', '--format=%(refname:short)'),
    commitOf: (ref) => git('rev-parse', `${ref}^{commit}`).trim(),
    files: (ref, below) => {
      const key = `${ref} ${below}`;
      const known = listings.get(key);
      if (known !== undefined) return known;
      const found = lines('ls-tree', '-r', ref, '--', below).map((line) => {
        const [, hash = '', file = ''] = /^\d+ blob (\w+)\t(.*)$/.exec(line) ?? [];
        return { path: file, hash };
      });
      listings.set(key, found);
      return found;
    },
    textOf: (hash) => {
      const known = texts.get(hash);
      if (known !== undefined) return known;
      const text = git('cat-file', 'blob', hash);
      texts.set(hash, text);
      return text;
    },
  };
}

/** The name of a file without its folder. */
export const nameOf = ({ path }: ClonedFile): string => basename(path);
