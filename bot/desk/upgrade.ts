import { OperatorError } from '../../handlers/contract/errors.ts';
import type { Cloud } from '../../jobs/files/cloud.ts';
import type { RunEvent } from '../../jobs/run/events.ts';
import { planHeal } from '../../openstack/repair/heal.ts';
import { halfWay } from '../../openstack/repair/interrupted.ts';
import { factsOf } from '../../openstack/inspect/facts.ts';
import { readInspection } from '../../openstack/inspect/read.ts';
import { type Inspection, inspection } from '../../openstack/inspect/inspection.ts';
import { rehearsalOf } from '../../openstack/upgrade/rehearsal.ts';
import { seriesNamed } from '../../openstack/path/path.ts';
import type { Plan } from '../../jobs/run/plan.ts';
import { mostAsked } from '../../jobs/run/quorum.ts';
import type { Runbook } from '../../jobs/files/runbook.ts';
import type { Intent, UpgradeIntent } from '../commands/index.ts';
import { lineOf } from '../commands/clouds/on-series.ts';
import type { Press } from '../actions/press.ts';
import { beginRun } from './start-run.ts';
import type { Message } from '../views/blocks.ts';
import { inspectionSummary } from '../views/inspection/inspection.ts';
import { inspectionDetails } from '../views/inspection/details.ts';
import { planFiles } from '../views/plan/plan-files.ts';
import {
  lookingAnswer,
  plannedAnswer,
  upgradeDetails,
  upgradeHead,
} from '../views/plan/upgrade-plan.ts';
import { compose } from '../../jobs/run/compose.ts';
import type { Aside, Desk } from './desk.ts';
import { engineersOnly, lookersOnly, onCloud } from './rights.ts';

interface Asking {
  readonly press: Press;
  readonly desk: Desk;
  readonly aside: Aside;
}

/** Looks at a cloud: the summary for whoever asked, all of it in the cloud's channel. */
export const inspectCloud = (
  { cloud: name }: Extract<Intent, { do: 'inspect' }>,
  asking: Asking,
): Promise<Message> =>
  onCloud(name, { ...asking, refusal: lookersOnly }, async (cloud) => {
    const { press, desk } = asking;
    await desk.checkChannel(cloud.channel);
    const found = await inspect(cloud, asking);
    await desk.upgrades.post(`inspect-${press.id.slice(0, 12)}`, {
      channel: cloud.channel,
      head: inspectionSummary(found, { by: press.user }),
      replies: inspectionDetails(found),
      files: [],
    });
    return inspectionSummary(found, { channel: cloud.channel });
  });

/** Plans an upgrade on what the hosts say now; the whole plan goes to the cloud's channel. */
export const planCloud = (intent: UpgradeIntent, asking: Asking): Promise<Message> =>
  onCloud(intent.cloud, { ...asking, refusal: lookersOnly }, async (cloud) => {
    const { press, desk } = asking;
    await desk.checkChannel(cloud.channel);
    const planned = await makePlan(intent, cloud, asking);
    const { filesRefused } = await desk.upgrades.post(`plan-${press.id.slice(0, 12)}`, {
      channel: cloud.channel,
      head: upgradeHead(planned, press.user),
      replies: upgradeDetails(planned.plan),
      files: planFiles(planned.plan),
    });
    return plannedAnswer(planned, { intent, filesRefused });
  });

/** Looks and plans afresh, and starts the run, whose first step waits for approval. For engineers of the cloud. */
export const startCloud = (intent: UpgradeIntent, asking: Asking): Promise<Message> =>
  onCloud(
    intent.cloud,
    { ...asking, refusal: engineersOnly('start upgrades of it') },
    async (cloud) => {
      const { plan, found } = await makePlan(intent, cloud, asking);
      refuseUnseen(found, intent.only);
      return beginRun(await certified(plan, cloud, { intent, desk: asking.desk }), cloud, asking);
    },
  );

/** Looks afresh, and starts the run that leads a schema forward that stopped between two releases. For engineers. */
export const healCloud = (
  intent: Extract<Intent, { do: 'heal' }>,
  asking: Asking,
): Promise<Message> =>
  onCloud(
    intent.cloud,
    { ...asking, refusal: engineersOnly('start runs on it') },
    async (cloud) => {
      const found = await inspect(cloud, asking);
      const { service, name, revision, rows } = halfWay(found, intent.database);
      const blocking = rows.find(({ blocksNext }) => blocksNext);
      const runbook = planHeal({
        knowledge: asking.desk.upgrades.knowledge,
        cloud,
        service,
        database: name,
        revision: revision ?? '',
        installed: found.series[service] ?? [],
        ...(blocking && { rowsBlocking: blocking.count }),
      });
      return beginRun(compose(cloud, runbook, 'openstack:heal'), cloud, asking);
    },
  );

interface Starting {
  readonly intent: UpgradeIntent;
  readonly desk: Desk;
}

/** The plan as it is when it needs no rehearsal or has one; else with the reason, and the approvals that it takes. */
async function certified(plan: Plan, cloud: Cloud, { intent, desk }: Starting): Promise<Plan> {
  if (cloud.environment !== 'production') return plan;
  const rehearsal = rehearsalOf(plan, await recentLogs(desk), {
    now: desk.now(),
    days: cloud.rehearsalDays,
  });
  if (rehearsal.isRehearsed) return plan;
  const { unrehearsed } = intent;
  if (unrehearsed === undefined) throw notRehearsed(intent, rehearsal.reason);
  const [first, ...rest] = plan.steps;
  if (first === undefined) return plan;
  const note = `Not rehearsed: ${rehearsal.reason}. Started all the same, because: ${unrehearsed}`;
  const gate = Math.max(first.gate ?? 1, mostAsked(cloud.access));
  return { ...plan, steps: [{ ...first, gate, notes: [note, ...(first.notes ?? [])] }, ...rest] };
}

/** A log that cannot be read shows nothing. */
async function recentLogs({ store }: Desk): Promise<RunEvent[][]> {
  const ids = await store.recent(500);
  return Promise.all(
    ids.map(async (id) => {
      try {
        return await store.events(id);
      } catch (error) {
        if (error instanceof OperatorError) return [];
        throw error;
      }
    }),
  );
}

const notRehearsed = (intent: UpgradeIntent, reason: string): OperatorError => {
  const { cloud } = intent;
  const words = lineOf(intent);
  return new OperatorError(`starting an upgrade of production cloud ${cloud}: ${reason}`, {
    name: 'NotRehearsed',
    hint: [
      `On a verification cloud type the first line, let it end, then roll it back. The second line goes without, with a reason and the most approvals that ${cloud} asks for.`,
      `/upgrade start CLOUD ${words}`,
      `/upgrade start ${cloud} ${words} unrehearsed REASON`,
    ].join('\n'),
  });
};

export interface Planned {
  readonly plan: Plan;
  readonly runbook: Runbook;
  readonly found: Inspection;
}

async function makePlan(intent: UpgradeIntent, cloud: Cloud, asking: Asking): Promise<Planned> {
  const { knowledge, plan } = asking.desk.upgrades;
  const { series, only, codename, unsupported } = intent;
  // A typing error is answered before anybody waits for hosts.
  const target = seriesNamed(series, knowledge.series);
  const found = await inspect(cloud, asking);
  const facts = factsOf(found, only);
  const runbook = plan({
    knowledge,
    cloud,
    facts,
    target,
    ...(only && { only }),
    ...(codename !== undefined && { codename }),
    ...(unsupported !== undefined && { unsupported }),
  });
  return { runbook, found, plan: compose(cloud, runbook, `openstack:${target}`) };
}

async function inspect(cloud: Cloud, { press, desk, aside }: Asking): Promise<Inspection> {
  const { knowledge, look, readConfigFiles } = desk.upgrades;
  const request = inspection(cloud, knowledge);
  const files = await readConfigFiles(cloud);
  await aside(lookingAnswer(cloud));
  return readInspection(cloud, knowledge, await look(press.id, request), {
    configFiles: files,
    now: desk.now(),
  });
}

/** What nobody saw may be anything: a run does not begin on it. */
function refuseUnseen({ cloud, silent, databases }: Inspection, only?: readonly string[]): void {
  const [host] = silent;
  if (host !== undefined)
    throw new OperatorError(
      `starting an upgrade of cloud ${cloud}: no answer from ${silent.map((one) => one.host).join(', ')}: ${host.message}`,
      { name: 'HostsSilent', hint: host.hint },
    );
  const unread = databases.find(
    ({ service, problem }) =>
      problem !== undefined && (only === undefined || only.includes(service)),
  );
  if (unread === undefined) return;
  throw new OperatorError(
    `starting an upgrade of cloud ${cloud}: the schema of database ${unread.called} is not known: ${unread.problem ?? ''}`,
    {
      name: 'SchemaUnseen',
      hint: 'See that the option file under services.database.defaultsFile lets in, then try again.',
    },
  );
}
