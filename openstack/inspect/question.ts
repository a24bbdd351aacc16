import type { Command } from '../../handlers/contract/command.ts';

/** Read-only commands for one host, whose answers belong together. */
export interface InspectionQuestion {
  readonly host: string;
  /** The id of the check that asks. */
  readonly check: string;
  /** Tells the answers of one check apart. */
  readonly about?: unknown;
  /** What people call it. With it, a first command that fails is said to be a problem of its host. */
  readonly called?: string;
  readonly commands: readonly Command[];
}
