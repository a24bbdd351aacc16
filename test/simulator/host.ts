import { mustHold } from '../support/runs/must-hold.ts';

/** Thrown for every question to a host that does not answer: so often that where it was thrown is not kept. */
export class SilentHost extends Error {
  constructor(message: string) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = stackTraceLimit;
  }
}
/** The link was cut, and nobody knows what the host did with what was sent last. */
export class CutLink extends Error {}

export interface SimProcess {
  readonly id: string;
  /** It outlives every signal. */
  isStubborn: boolean;
  /** It was left behind by one that ended. */
  readonly isChild: boolean;
  /** It takes longer than it may. */
  isLate: boolean;
}

type Directory =
  | { readonly is: 'kept from beginning' }
  | { readonly is: 'begun'; readonly note: string; readonly exit?: number };

type Shown =
  | { readonly is: 'none' | 'kept' }
  | { readonly is: 'running' | 'lost'; readonly note: string }
  | { readonly is: 'exited'; readonly note: string; readonly exit: number };

/** What really happened to an execution; no fault changes it. */
export interface LedgerEntry {
  readonly starts: number;
  readonly exit?: number;
}

/** Which attempt of which step it is: `run.s1.cmp1.apply2` is attempt 2 of `run.s1.cmp1.apply`. */
const placeOf = (id: string): string => id.replace(/\d+$/, '');

/** One host: what it remembers, what runs on it, and the ledger of what it really did. */
export class SimHost {
  readonly name: string;
  /** No fault changes it. */
  readonly ledger = new Map<string, LedgerEntry>();
  processes: readonly SimProcess[] = [];
  boot = 1;
  isSilent = false;
  #directories = new Map<string, Directory>();
  readonly #snapshots: Map<string, Directory>[] = [];

  constructor(name: string) {
    this.name = name;
  }

  knows(id: string): boolean {
    return this.#directories.get(id)?.is === 'begun';
  }

  // What workers do, each in one conversation.

  known(): readonly string[] {
    this.#answer();
    return [...this.#directories.keys()].filter((id) => this.knows(id));
  }

  begin(id: string, note: string): 'begun' | 'kept' {
    this.#answer();
    const there = this.#directories.get(id);
    if (there !== undefined) return there.is === 'begun' ? 'begun' : 'kept';
    this.#snapshots.push(new Map(this.#directories));
    this.#judgeBeginning(id);
    this.#directories.set(id, { is: 'begun', note });
    this.ledger.set(id, { starts: 1 });
    this.processes = [...this.processes, { id, isStubborn: false, isChild: false, isLate: false }];
    return 'begun';
  }

  attach(id: string): Shown | { readonly is: 'forgotten' } {
    this.#answer();
    const shown = this.#show(id);
    if (shown.is !== 'none' && shown.is !== 'kept') return shown;
    this.#keep(id);
    return { is: 'forgotten' };
  }

  look(id: string): Shown {
    this.#answer();
    return this.#show(id);
  }

  alive(id: string): readonly SimProcess[] {
    this.#answer();
    this.#keep(id);
    return this.#of(id);
  }

  abort(id: string): { readonly alive: number; readonly wasKnown: boolean } {
    this.#answer();
    const wasKnown = this.knows(id) || this.#of(id).length > 0;
    this.#keep(id);
    for (const process of this.#of(id)) if (!process.isStubborn) this.#end(process, 143);
    return { alive: this.#of(id).length, wasKnown };
  }

  // What happens to it.

  finish(process: SimProcess, exit: number, leavesChild: boolean): void {
    this.#end(process, exit);
    if (leavesChild && !process.isChild)
      this.processes = [...this.processes, { ...process, isChild: true }];
  }

  vanish(process: SimProcess): void {
    this.#end(process);
  }

  reboot(): void {
    this.boot += 1;
    this.processes = [];
  }

  /** Its records go; what runs goes on. */
  forget(): void {
    this.#directories = new Map();
    this.boot += 1;
  }

  /** Back to how it was before so many executions began. */
  restore(before: number): void {
    this.reboot();
    this.#directories = new Map(this.#snapshots.at(-1 - before) ?? []);
  }

  #judgeBeginning(id: string): void {
    mustHold(!this.ledger.has(id), 'a step starts on a host at most once per attempt');
    const places = this.processes.map((process) => placeOf(process.id));
    mustHold(!places.includes(placeOf(id)), 'no attempt begins beside another one that lives');
    const forward = placeOf(id).replace(/undo$/, 'apply');
    mustHold(!places.includes(forward), 'nothing is undone while it runs');
  }

  #answer(): void {
    if (this.isSilent) throw new SilentHost(`${this.name} does not answer`);
  }

  #of(id: string): SimProcess[] {
    return this.processes.filter((process) => process.id === id);
  }

  #keep(id: string): void {
    if (!this.#directories.has(id)) this.#directories.set(id, { is: 'kept from beginning' });
  }

  #show(id: string): Shown {
    const directory = this.#directories.get(id);
    if (directory === undefined) return { is: 'none' };
    if (directory.is === 'kept from beginning') return { is: 'kept' };
    const { note, exit } = directory;
    if (exit !== undefined) return { is: 'exited', note, exit };
    return { is: this.#of(id).some(({ isChild }) => !isChild) ? 'running' : 'lost', note };
  }

  #end(process: SimProcess, exit?: number): void {
    this.processes = this.processes.filter((one) => one !== process);
    const entry = this.ledger.get(process.id);
    if (process.isChild || entry === undefined || exit === undefined) return;
    this.ledger.set(process.id, { ...entry, exit });
    const directory = this.#directories.get(process.id);
    if (directory?.is === 'begun') this.#directories.set(process.id, { ...directory, exit });
  }
}
