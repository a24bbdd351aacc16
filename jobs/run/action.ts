import type { RunEvent } from './events.ts';
import type { Fix } from './fixes.ts';

export type ActionName =
  | 'approve'
  | 'reject'
  | 'pause'
  | 'resume'
  | 'abort'
  | 'retry'
  | 'skip'
  | 'fix'
  | 'rollback'
  | 'confirm'
  | 'decline'
  | 'done';

/** What a person asks of a run, by button or by word. */
export interface Action {
  readonly name: ActionName;
  /** For reject, skip, decline and a rollback that nobody confirmed: why. For done: the evidence. */
  readonly text?: string;
  /** For rollback: the step to go back to before. Absent: as far back as it goes. */
  readonly step?: string;
  /** For rollback: what was typed to say that one knows what stays. */
  readonly phrase?: string;
  /** For rollback: after how long without an answer who asked may go alone, by the cloud's file. */
  readonly aloneAfterMs?: number;
  /** For confirm: what who asked for the rollback may do now. */
  readonly proposer?: PersonRights;
  /** For fix: which one, by its number on the card; a button has the name of the failure before it: `disk-full.1`. */
  readonly choice?: string;
  /** For fix: its steps on this cloud. */
  readonly way?: Fix;
  /** What the person saw when pressing; `seenBy` of the state that drew the button. Absent for a typed word. */
  readonly seen?: string;
}

/** What a person may do on a cloud, resolved from the cloud's access lists. */
export interface PersonRights {
  readonly id: string;
  readonly isEngineer: boolean;
  readonly isApprover: boolean;
}

export type Verdict =
  | { readonly event: RunEvent }
  | {
      readonly refused: 'notAllowed' | 'already' | 'stale' | 'incomplete';
      readonly reason: string;
      /** The ids of people that the reason names. */
      readonly people?: readonly string[];
    };
