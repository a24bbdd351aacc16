// Runs that ended long ago stand in files: JSON Lines, their plan first, and then the events as they stood in Redis.
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { RawEntry } from '../stored/contents.ts';
import { entriesOfLine, entryLine } from '../stored/packed.ts';

export interface ArchivedRun {
  /** The plan as it stood beside the log. Absent: it is in the first event. */
  readonly plan?: string;
  /** Their events to the byte as they were stored: each hash is over that. */
  readonly entries: readonly RawEntry[];
}

export interface RunArchive {
  /** Undefined for a run that was not archived. */
  readonly read: (run: string) => Promise<ArchivedRun | undefined>;
  /** Resolves once it is on the disk. */
  readonly keep: (run: string, archived: ArchivedRun) => Promise<void>;
}

export function fileArchive(dir: string): RunArchive {
  return {
    read: async (run) => {
      // A run's id comes from people, too.
      if (!/^[\w-]+$/.test(run)) return undefined;
      const text = await readFile(pathOf(dir, run), 'utf8').catch((error: unknown) => {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
        throw error;
      });
      return text === undefined ? undefined : parse(text);
    },
    keep: async (run, archived) => {
      await mkdir(dir, { recursive: true, mode: 0o700 });
      const path = pathOf(dir, run);
      const file = await open(`${path}.new`, 'w', 0o600);
      try {
        await file.writeFile(linesOf(archived));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(`${path}.new`, path);
      const folder = await open(dir);
      try {
        await folder.sync();
      } finally {
        await folder.close();
      }
    },
  };
}

const pathOf = (dir: string, run: string): string => join(dir, `${run}.jsonl`);

const linesOf = ({ plan, entries }: ArchivedRun): string =>
  [...(plan === undefined ? [] : [`{"plan":${plan}}`]), ...entries.map(entryLine)]
    .map((line) => `${line}\n`)
    .join('');

function parse(text: string): ArchivedRun {
  const lines = text.split('\n').filter((line) => line !== '');
  const plan = /^\{"plan":(.*)\}$/.exec(lines[0] ?? '')?.[1];
  const entries = lines.flatMap(entriesOfLine);
  return { entries, ...(plan === undefined ? {} : { plan }) };
}
