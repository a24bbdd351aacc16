import { spawn } from 'node:child_process';
import { toShell, type Command, type CommandOutput } from '../../../handlers/contract/command.ts';
import type { BoundHandler } from '../../../handlers/contract/handler.ts';
import { handlers } from '../../../handlers/index.ts';
import type { PretendHosts } from '../../../sandbox/hosts/hosts.ts';

/** Where the commands of a step run. */
export type CommandRunner = (command: Command) => Promise<CommandOutput>;

/** A pretend host of the sandbox. */
export const onPretendHost =
  ({ exec }: Pick<PretendHosts, 'exec'>, host: string): CommandRunner =>
  async ({ words, stdin }) => {
    const { code, stdout, stderr } = await exec(host, toShell(words), stdin);
    return { exit: code, stdout, stderr };
  };

/** A shell of this machine. */
export const locally =
  (env: NodeJS.ProcessEnv = {}): CommandRunner =>
  ({ words, stdin }) => {
    const child = spawn('/bin/sh', ['-c', toShell(words)], {
      stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C', ...env },
      timeout: 25_000,
    });
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
    child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
    // A program that ends without reading it closes the pipe: what it said counts.
    child.stdin?.on('error', () => {});
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
  };

export const runHere: CommandRunner = locally();

/** What the commands of a step did; `exit` and `stderr` are those of the last one that ran. */
export interface StepResult extends CommandOutput {
  readonly isOk: boolean;
}

/** A step of one host, done and undone as an engine does it; with a local shell, unless told where. */
export class StepUnderTest {
  readonly bound: BoundHandler;
  readonly #place: CommandRunner;
  #before: unknown;
  /** What the last commands printed. */
  said = '';

  constructor(kind: string, params: unknown, place: CommandRunner = runHere) {
    this.bound = boundHandler(kind, params);
    this.#place = place;
  }

  /** What is found, as it waits in the event log. */
  async probe(): Promise<unknown> {
    const outputs: CommandOutput[] = [];
    for (const each of this.bound.probe) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other, as on a host
      const output = await this.#place(each);
      if (!isOk(each, output))
        throw new Error(`the probe ended with ${output.exit}: ${output.stderr}`);
      outputs.push(output);
    }
    return JSON.parse(JSON.stringify(this.bound.parse(outputs)));
  }

  async changes(): Promise<string> {
    return this.bound.changes(await this.probe());
  }

  /** Probes, applies, and says whether it is done. */
  async run(): Promise<boolean | undefined> {
    this.#before = await this.probe();
    if (this.bound.isDone(this.#before) === true) throw new Error('there is nothing to do');
    return this.again();
  }

  /** Applies it once more; what was found the first time stays what was before. */
  async again(): Promise<boolean | undefined> {
    await this.#well(this.bound.apply);
    return this.isDone();
  }

  /** Probes and applies what ends with an error, and answers that. */
  async fails(): Promise<CommandOutput> {
    this.#before = await this.probe();
    const { isOk: isWell, ...ran } = await this.does(this.bound.apply);
    if (isWell) throw new Error('it ended well');
    return ran;
  }

  /** Undoes it, and says whether all is as it was. */
  async back(): Promise<boolean> {
    await this.#well(await this.undoCommands());
    return this.isRestored();
  }

  /** Probes, then applies. Rejects when the step refuses to begin; answers 'unchanged' when there is nothing to do. */
  async apply(): Promise<StepResult | 'unchanged'> {
    this.#before = await this.probe();
    return this.bound.isDone(this.#before) === true ? 'unchanged' : this.does(this.bound.apply);
  }

  /** Whether the state found now is what it is for. */
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

  async undo(): Promise<StepResult> {
    return this.does(await this.undoCommands());
  }

  async isRestored(): Promise<boolean> {
    return this.bound.isRestored(this.#before, await this.probe());
  }

  /** Runs commands one after the other, up to the first that fails. */
  async does(commands: readonly Command[]): Promise<StepResult> {
    let ran: StepResult = { exit: 0, stdout: '', stderr: '', isOk: true };
    this.said = '';
    for (const each of commands) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other, as on a host
      const output = await this.#place(each);
      this.said += output.stdout + output.stderr;
      ran = { ...output, stdout: ran.stdout + output.stdout, isOk: isOk(each, output) };
      if (!ran.isOk) break;
    }
    return ran;
  }

  async #well(commands: readonly Command[]): Promise<void> {
    const { isOk: isWell, exit, stdout, stderr } = await this.does(commands);
    if (!isWell) throw new Error(`a command ended with ${exit}: ${stdout}${stderr}`);
  }
}

export function boundHandler(kind: string, params: unknown): BoundHandler {
  const handler = handlers[kind];
  if (!handler) throw new Error(`there is no kind ${kind}`);
  return handler.bind(params);
}

export function definedCommand(first: Command | undefined): Command {
  if (!first) throw new Error('there is no command');
  return first;
}

const isOk = ({ okExits = [0] }: Command, { exit }: CommandOutput): boolean =>
  okExits.includes(exit);
