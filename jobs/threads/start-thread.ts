// Threads of a process: what they do never keeps it from answering. Others take `startThread`, and for a thread that is asked
// `openAskedThread`; its script calls `answerQuestions`.
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';

/** Starts a script, given without its ending. Of TypeScript Node 20 has to be told in each thread how it is read. */
export function startThread(script: URL, workerData?: unknown): Worker {
  const kind = extname(import.meta.filename);
  const own = new URL(`${script.href}${kind}`);
  if (kind !== '.ts') return new Worker(own, { workerData });
  const [tsx, file] = [import.meta.resolve('tsx/esm/api'), own.href].map((url) =>
    JSON.stringify(url),
  );
  const begin = `import(${tsx}).then(({ register }) => (register(), import(${file})))`;
  return new Worker(begin, { eval: true, workerData });
}
