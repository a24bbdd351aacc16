import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { OperatorError } from '../../handlers/contract/errors.ts';

/**
 * Of a bwrap that writes `--info-fd 3`, and `up` once it is inside: the process in there, as this machine numbers it, and
 * when that is ready.
 */
export async function namespaceUp(
  name: string,
  child: ChildProcess,
): Promise<{ pid: string; up: Promise<void> }> {
  const said: string[] = [];
  const [, stdout, stderr, info] = child.stdio;
  if (!(info instanceof Readable)) throw new Error('bwrap was started without a pipe to answer on');
  createInterface({ input: stderr! }).on('line', (line) => said.push(line));
  const ended = new Promise<undefined>((done) => {
    child.once('error', (error) => {
      said.push(error.message);
      done(undefined);
    });
    child.once('close', () => done(undefined));
  });
  const or = async (answer: Promise<string>): Promise<string> => {
    const line = await Promise.race([answer, ended]);
    if (line !== undefined) return line;
    throw new OperatorError(`booting ${name}: ${said.join(' | ')}`, {
      name: 'NamespaceRefused',
      hint: 'Run `npm run setup`. bubblewrap needs unprivileged user namespaces: no sysctl or container profile against them.',
    });
  };
  const up = or(first(stdout));
  up.catch(() => {}); // told where it is waited for
  const text = await or(all(info));
  return { pid: String(JSON.parse(text)['child-pid']), up: up.then(() => {}) };
}

/** A JSON object, whose pipe need not end. */
function all(info: Readable): Promise<string> {
  let text = '';
  return new Promise((done) =>
    info.on('data', (bytes: Buffer) => {
      text += bytes.toString();
      if (text.trimEnd().endsWith('}')) done(text);
    }),
  );
}

const first = (input: Readable | null): Promise<string> =>
  new Promise((done) => createInterface({ input: input! }).once('line', done));
