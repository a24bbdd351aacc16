import { createHash } from 'node:crypto';
import { maskSecrets } from '../redaction/redact.ts';

/** Kinds of things that a step changes, for counting and comparing steps of whatever kind. */
export const changedThings = [
  /** Services. */
  'stop',
  'start',
  'restart',
  /** Hosts that are restarted whole, with all that runs there. */
  'boot',
  /** Files, by path. */
  'write',
  'remove',
  /** Packages by name; `every package` for a whole host. */
  'package',
  /** An archive that packages come from: its address, suite, components and whether it is signed. */
  'source',
  /** Databases. */
  'backup',
  'schema',
  /** Services whose rows are migrated. */
  'data',
  /** Backends of the load balancer, or single servers of them: `nova`, `nova/ctl1`. */
  'drain',
  'reopen',
  /** Compute hosts: their instances leave while they run, or are stopped for it. */
  'liveMigrate',
  'coldMigrate',
  'disable',
  'enable',
  /** Things that are made in the cloud and deleted again. */
  'try',
  /** Records of services that are gone. */
  'forget',
  /** A command line of the operator's own. */
  'run',
  /** A person's work. */
  'person',
] as const;
export type ChangedThing = (typeof changedThings)[number];

/** One thing that a step changes. */
export interface StepChange {
  readonly what: ChangedThing;
  readonly name: string;
}

/** What a step does. */
export interface StepDeed {
  /** In the imperative, without its hosts: `stop nova-api`. */
  readonly says: string;
  /** Empty for a step that only looks. */
  readonly changes: readonly StepChange[];
  /** What else those who approve can read of it where all of a plan stands word for word; a line each. */
  readonly details?: readonly string[];
}

/** A step that changes these things, all in the same way. */
export const deedOn = (says: string, what: ChangedThing, names: readonly string[]): StepDeed => ({
  says,
  changes: names.map((name) => ({ what, name })),
});

/** A step that only looks. */
export const deedOfChecking = (says: string): StepDeed => ({ says, changes: [] });

/** A command line as a name: a script in it goes by its fingerprint, and what is long is cut. */
export function commandLineText(words: readonly string[]): string {
  const said = maskSecrets(
    words.map((word) => (word.includes('\n') ? scriptName(word) : word)).join(' '),
  );
  return said.length > 120 ? `${said.slice(0, 119)}…` : said;
}

/** `⟨script 1a2b3c4d⟩`: where all of a plan can be read, the script stands once under the beginning of its SHA-256. */
export const scriptName = (script: string): string =>
  `⟨script ${createHash('sha256').update(script).digest('hex').slice(0, 8)}⟩`;
