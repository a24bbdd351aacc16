import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { listClouds, loadCloud } from '../jobs/files/cloud.ts';
import { listRunbooks, loadRunbook } from '../jobs/files/runbook.ts';
import type { LogClock } from '../jobs/redis/clock.ts';
import type { HostInspector } from '../jobs/redis/host-inspector.ts';
import { openOutputs } from '../jobs/redis/output.ts';
import { openLearnedTimes, openRunTimes } from '../jobs/redis/times/run-times-store.ts';
import { countLostThings } from '../openstack/upgrade/lost-things.ts';
import { noWorkerSince } from '../jobs/redis/pulse.ts';
import type { Queues } from '../jobs/redis/queue.ts';
import { type Keeping, plainKeeping } from '../jobs/redis/seal/seal.ts';
import { openRedaction } from '../jobs/redis/seal/redacted-store.ts';
import type { RunStore } from '../jobs/redis/store.ts';
import { openCloudUnlocking } from '../jobs/redis/unlocking.ts';
import { readWholeOutput } from '../jobs/redis/whole-output.ts';
import { executionId } from '../jobs/run/events.ts';
import { readConfigFiles } from '../openstack/cloud/config-files.ts';
import type { Knowledge } from '../openstack/knowledge/knowledge.ts';
import { failureRecogniser } from '../openstack/repair/signature.ts';
import { openUpgrades } from '../openstack/upgrade/upgrade.ts';
import { openAccessLists } from './desk/access.ts';
import { openConfirmedAnswers } from './desk/confirmed.ts';
import type { CloudDesk } from './desk/desk.ts';
import { openOutputFiles } from './desk/output-files.ts';
import { openRequestKey } from './outbox/gate-requests.ts';
import type { Outbox } from './outbox/outbox.ts';
import { openThreadPoster } from './outbox/posts.ts';
import type { SlackApp } from './slack/app.ts';
import { type PlanDesk, planInPlace } from './planning/planning.ts';
import { checkSlackChannel } from './slack/channel.ts';
import type { DateStyle } from './views/text.ts';

/** What a desk is made of, opened once. */
export interface DeskParts {
  readonly knowledge: Knowledge;
  readonly redis: Redis;
  readonly queues: Queues;
  readonly store: RunStore;
  readonly inspector: HostInspector;
  readonly client: SlackApp['client'];
  readonly troubles: CloudDesk['troubles'];
  readonly outbox: Outbox;
  readonly clock: LogClock;
}

export interface DeskOptions {
  readonly cloudsDir: string;
  readonly runbooksDir: string;
  /** How long what Slack confirmed of people counts while Slack is silent; absent: a day. */
  readonly confirmedMs?: number;
  /** How contents and outputs are kept. Absent: in plain, for a test. */
  readonly keeping?: Keeping;
  /** Absent: planning keeps others waiting. */
  readonly plans?: PlanDesk;
  readonly dates?: DateStyle;
  readonly log: Logger;
}

const dayMs = 24 * 3_600_000;

/** The one desk that every way in asks: Slack and the local door. */
export function openCloudDesk(parts: DeskParts, options: DeskOptions): CloudDesk {
  const { knowledge, redis, queues, store, client, outbox, clock } = parts;
  const { cloudsDir, runbooksDir, log, dates = 'slack' } = options;
  const plans = options.plans ?? planInPlace(knowledge);
  const outputs = openOutputs(redis, options.keeping ?? plainKeeping);
  const readOutput: CloudDesk['readOutput'] = (run, work) =>
    outputs.read(run, executionId(run, work));
  const poster = openThreadPoster({ outbox, slack: client, redis, log });
  const keptMs = options.confirmedMs ?? dayMs;
  const confirmed = openConfirmedAnswers(redis, { keptMs, now: clock.now });
  return {
    store,
    queues,
    access: openAccessLists(client, { confirmed, log }),
    loadCloud: (name) => loadCloud(cloudsDir, name),
    listClouds: () => listClouds(cloudsDir),
    listRunbooks: () => listRunbooks(runbooksDir),
    loadRunbook: (name) => loadRunbook(runbooksDir, name),
    readOutput,
    outputFiles: openOutputFiles({
      readKept: readOutput,
      readWhole: (asked) =>
        readWholeOutput(parts.inspector.look, () => `output-${randomUUID()}`, asked),
      redact: openRedaction(options.keeping ?? plainKeeping),
      attach: poster.attach,
      log,
    }),
    checkChannel: (channel) => checkSlackChannel(client, channel),
    knowledge,
    plans,
    upgrades: openUpgrades({
      knowledge,
      store,
      look: parts.inspector.look,
      readConfigFiles: (cloud) => readConfigFiles(cloudsDir, cloud),
      planning: plans,
      now: clock.now,
    }),
    unlocking: openCloudUnlocking(redis, store),
    post: poster.post,
    whyUnreadable: async (run) => {
      const key = openRequestKey(run);
      return key === undefined ? undefined : (await outbox.open(run.id)).whyUnreadable(key);
    },
    recognise: failureRecogniser(knowledge),
    troubles: parts.troubles,
    noWorkerSince: (from) => noWorkerSince(redis, { nowMs: clock.nowMs(), from }),
    countLost: async (run, price) => {
      const id = `lost-${run.id}-${randomUUID()}`;
      return countLostThings(run, price, parts.inspector.look, id).catch((error: unknown) => {
        log.info({ runId: run.id, err: error }, 'what a rollback loses was not counted');
        return undefined;
      });
    },
    times: openLearnedTimes(openRunTimes(redis)),
    now: clock.now,
    dates,
  };
}
