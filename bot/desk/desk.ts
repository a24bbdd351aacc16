import type { Cloud } from '../../jobs/files/cloud.ts';
import type { Knowledge } from '../../openstack/knowledge/knowledge.ts';
import type { CloudUpgrades } from '../../openstack/upgrade/upgrade.ts';
import type { Runbook } from '../../jobs/files/runbook.ts';
import type { Posts } from '../outbox/posts.ts';
import type { Message } from '../views/blocks.ts';
import type { Work } from '../../jobs/run/events.ts';
import type { KeptOutput } from '../../jobs/redis/output.ts';
import type { Recognise } from '../../openstack/repair/signature.ts';
import type { Queues } from '../../jobs/redis/queue.ts';
import type { Store } from '../../jobs/redis/store.ts';
import type { Access } from './rights.ts';
import type { Press } from '../actions/press.ts';
import type { Dates } from '../views/text.ts';

/** Says something to the person who waits, before the answer. */
export type Aside = (message: Message) => Promise<unknown>;

/** All that answering a press takes. */
export interface Desk {
  /** Without what creates runs: that is for `upgrades` alone. */
  readonly store: Pick<Store, 'load' | 'events' | 'append' | 'recent'>;
  readonly access: Access;
  readonly queues: Pick<Queues, 'decideAgain' | 'card'>;
  readonly loadCloud: (name: string) => Promise<Cloud>;
  readonly loadRunbook: (name: string) => Promise<Runbook>;
  readonly readOutput: (run: string, work: Work) => Promise<KeptOutput | undefined>;
  /** Throws an OperatorError when the bot cannot post in the channel. */
  readonly checkChannel: (channel: string) => Promise<void>;
  readonly knowledge: Knowledge;
  readonly upgrades: CloudUpgrades;
  readonly post: Posts['post'];
  readonly recognise: Recognise;
  readonly now: () => string;
  readonly dates: Dates;
}

export interface Asking {
  readonly press: Press;
  readonly desk: Desk;
  readonly aside: Aside;
}
