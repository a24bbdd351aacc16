import { spawn } from 'node:child_process';
import { toShell, type Command, type Output } from '../../handlers/command.ts';
import type { BoundHandler } from '../../handlers/handler.ts';
import { handlers } from '../../handlers/index.ts';

/** What the commands of a step did here; `exit` and `stderr` are those of the last one that ran. */
export interface Ran extends Output {
  readonly isOk: boolean;
}

/** A step of one host, done and undone with a shell of this machine, as an engine does it. */
export class LocalStep {
  readonly bound: BoundHandler;
  readonly #env: NodeJS.ProcessEnv;
  #before: unknown;

  constructor(kind: string, params: unknown, env: NodeJS.ProcessEnv = {}) {
    const handler = handlers[kind];
    if (!handler) throw new Error(`there is no kind ${kind}`);
    this.bound = handler.bind(params);
    this.#env = env;
  }

  /** What is found, as it waits in the event log. */
  async probe(): Promise<unknown> {
    const outputs: Output[] = [];
    for (const each of this.bound.probe) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other, as on a host
      const output = await this.#run(each);
      if (!isOk(each, output))
        throw new Error(`the probe ended with ${output.exit}: ${output.stderr}`);
      outputs.push(output);
    }
    return JSON.parse(JSON.stringify(this.bound.parse(outputs)));
  }

  /** Probes, then applies. Rejects when the step refuses to begin; answers 'unchanged' when there is nothing to do. */
  async apply(): Promise<Ran | 'unchanged'> {
    this.#before = await this.probe();
    return this.bound.isDone(this.#before) === true ? 'unchanged' : this.run(this.bound.apply);
  }

  /** Whether the state after it is what it is for. */
  async isDone(): Promise<boolean | undefined> {
    return this.bound.isDone(await this.probe(), this.#before);
  }

  /** All that the state found now says of the step. */
  async after(): Promise<{ isDone?: boolean; undo: readonly Command[]; isRestored: boolean }> {
    const found = await this.probe();
    const isDone = this.bound.isDone(found, this.#before);
    return {
      ...(isDone === undefined ? {} : { isDone }),
      undo: this.bound.undo(this.#before, found),
      isRestored: this.bound.isRestored(this.#before, found),
    };
  }

  async undoCommands(): Promise<readonly Command[]> {
    return this.bound.undo(this.#before, await this.probe());
  }

  async undo(): Promise<Ran> {
    return this.run(await this.undoCommands());
  }

  async isRestored(): Promise<boolean> {
    return this.bound.isRestored(this.#before, await this.probe());
  }

  /** Runs commands one after the other, up to the first that fails. */
  async run(commands: readonly Command[]): Promise<Ran> {
    let ran: Ran = { exit: 0, stdout: '', stderr: '', isOk: true };
    for (const each of commands) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other, as on a host
      const output = await this.#run(each);
      ran = { ...output, stdout: ran.stdout + output.stdout, isOk: isOk(each, output) };
      if (!ran.isOk) break;
    }
    return ran;
  }

  #run({ words, stdin }: Command): Promise<Output> {
    const child = spawn('/bin/sh', ['-c', toShell(words)], {
      stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...this.#env },
      timeout: 25_000,
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
}

const isOk = ({ okExits = [0] }: Command, { exit }: Output): boolean => okExits.includes(exit);
