import type { Cloud } from '../../jobs/files/cloud.ts';
import type { Knowledge } from '../../openstack/knowledge/knowledge.ts';
import type { CloudUpgrades } from '../../openstack/upgrade/upgrade.ts';
import type { Runbook } from '../../jobs/files/runbook.ts';
import type { ThreadPoster } from '../outbox/posts.ts';
import type { Message } from '../views/blocks.ts';
import type { Work } from '../../jobs/run/events.ts';
import type { Run } from '../../jobs/run/run.ts';
import type { KeptOutput } from '../../jobs/redis/output.ts';
import type { LearnedTimes } from '../../jobs/redis/times/run-times-store.ts';
import type { RecogniseFailure } from '../../openstack/repair/signature.ts';
import type { Queues } from '../../jobs/redis/queue.ts';
import type { EdgeTrouble } from '../../jobs/redis/troubles.ts';
import type { CloudUnlocking } from '../../jobs/redis/unlocking.ts';
import type { LostThings } from '../../jobs/run/rollback/lost-things.ts';
import type { RollbackPrice } from '../../jobs/run/rollback/rollback-price.ts';
import type { RunStore } from '../../jobs/redis/store.ts';
import type { PlanDesk } from '../planning/planning.ts';
import type { OutputFiles } from './output-files.ts';
import type { AccessLists } from './rights.ts';
import type { Press } from '../actions/press.ts';
import type { DateStyle } from '../views/text.ts';

/** Says something to the person who waits, before the answer. */
export type SayMeanwhile = (message: Message) => Promise<unknown>;

/** All that answering a press takes. */
export interface CloudDesk {
  /** Without what creates runs: that is for `upgrades` alone. */
  readonly store: Pick<RunStore, 'load' | 'events' | 'append' | 'recent'>;
  readonly access: AccessLists;
  readonly queues: Pick<Queues, 'decideAgain' | 'card'>;
  readonly loadCloud: (name: string) => Promise<Cloud>;
  /** Names, sorted. */
  readonly listClouds: () => Promise<readonly string[]>;
  readonly listRunbooks: () => Promise<readonly string[]>;
  readonly loadRunbook: (name: string) => Promise<Runbook>;
  readonly readOutput: (run: string, work: Work) => Promise<KeptOutput | undefined>;
  /** The whole of it, in the run's thread. */
  readonly outputFiles: OutputFiles;
  /** Throws an OperatorError when the bot cannot post in the channel. */
  readonly checkChannel: (channel: string) => Promise<void>;
  readonly knowledge: Knowledge;
  readonly plans: Pick<PlanDesk, 'draw' | 'drawWords'>;
  readonly upgrades: CloudUpgrades;
  /** For a cloud whose run has a broken log. */
  readonly unlocking: CloudUnlocking;
  readonly post: ThreadPoster['post'];
  /** Why nobody can approve what a run asks for now: it can't be read. Undefined where it can. */
  readonly whyUnreadable: (run: Run) => Promise<string | undefined>;
  readonly recognise: RecogniseFailure;
  /** What is made or deleted since the backups that a rollback restores; undefined where nobody can tell. */
  readonly countLost: (
    run: Run,
    price: RollbackPrice,
  ) => Promise<readonly LostThings[] | undefined>;
  /** How long things took before. */
  readonly times: LearnedTimes;
  /** What goes wrong, or lately went wrong, between Hopscotch and Slack or Redis. */
  readonly troubles: () => Promise<readonly EdgeTrouble[]>;
  /** Since when no worker is alive, where one was needed from this time on; ISO 8601. Undefined while one is. */
  readonly noWorkerSince: (from: string) => Promise<string | undefined>;
  readonly now: () => string;
  readonly dates: DateStyle;
}

export interface AnsweredPress {
  readonly press: Press;
  readonly desk: CloudDesk;
  readonly aside: SayMeanwhile;
}
