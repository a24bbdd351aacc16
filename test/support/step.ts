import { spawn } from 'node:child_process';
import { expect } from '@jest/globals';
import { toShell, type Command, type Output } from '../../handlers/command.ts';
import type { BoundHandler } from '../../handlers/handler.ts';
import { handlers } from '../../handlers/index.ts';
import type { Hosts } from '../../sandbox/hosts.ts';

/** Where the commands of a step run. */
export type Place = (command: Command) => Promise<Output>;

/** A pretend host of the sandbox. */
export const on =
  ({ exec }: Pick<Hosts, 'exec'>, host: string): Place =>
  async ({ words, stdin }) => {
    const { code, stdout, stderr } = await exec(host, toShell(words), stdin);
    return { exit: code, stdout, stderr };
  };

/** A step of one host, done and undone; with a local shell, unless told where. */
export class Step {
  readonly #bound;
  readonly #place: Place;
  #before: unknown;
  /** What the last `run` or `back` printed. */
  said = '';

  constructor(kind: string, params: unknown, place: Place = run) {
    this.#bound = bound(kind, params);
    this.#place = place;
  }

  isDone(found: unknown): boolean | undefined {
    return this.#bound.isDone(found);
  }

  async probe(): Promise<unknown> {
    return this.#bound.parse(await runAll(this.#bound.probe, this.#place));
  }

  async changes(): Promise<string> {
    return this.#bound.changes(await this.probe());
  }

  /** Probes, applies, and says whether it is done. */
  async run(): Promise<boolean | undefined> {
    this.#before = await this.probe();
    expect(this.#bound.isDone(this.#before)).not.toBe(true);
    await this.#all(this.#bound.apply);
    return this.#bound.isDone(await this.probe(), this.#before);
  }

  /** Applies it once more; what was found the first time stays what was before. */
  async again(): Promise<boolean | undefined> {
    await this.#all(this.#bound.apply);
    return this.#bound.isDone(await this.probe(), this.#before);
  }

  /** Probes and applies what ends with an error, and answers that. */
  async fails(): Promise<Output> {
    this.#before = await this.probe();
    for (const each of this.#bound.apply) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other, as on a host
      const output = await this.#place(each);
      if (!(each.okExits ?? [0]).includes(output.exit)) return output;
    }
    throw new Error('it ended well');
  }

  /** Undoes it, and says whether all is as it was. */
  async back(): Promise<boolean> {
    await this.#all(this.#bound.undo(this.#before, await this.probe()));
    const now = await this.probe();
    return this.#bound.isRestored(this.#before, now);
  }

  async #all(commands: readonly Command[]): Promise<void> {
    const outputs = await runAll(commands, this.#place);
    this.said = outputs.map(({ stdout, stderr }) => stdout + stderr).join('');
  }
}

export function bound(kind: string, params: unknown): BoundHandler {
  const handler = handlers[kind];
  if (!handler) throw new Error(`there is no kind ${kind}`);
  return handler.bind(params);
}

export function command(first: Command | undefined): Command {
  if (!first) throw new Error('there is no command');
  return first;
}

async function runAll(commands: readonly Command[], place: Place): Promise<Output[]> {
  const outputs: Output[] = [];
  for (const each of commands) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other, as on a host
    const output = await place(each);
    expect({ ...output, ok: (each.okExits ?? [0]).includes(output.exit) }).toMatchObject({
      ok: true,
    });
    outputs.push(output);
  }
  return outputs;
}

/** Runs a command with a local shell. */
export function run({ words, stdin }: Command): Promise<Output> {
  const child = spawn('/bin/sh', ['-c', toShell(words)], {
    stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C' },
  });
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
  child.stdin?.end(stdin);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) =>
      resolve({
        exit: code ?? -1,
        stdout: String(Buffer.concat(stdout)),
        stderr: String(Buffer.concat(stderr)),
      }),
    );
  });
}
