import { OperatorError } from '../../handlers/contract/errors.ts';
import { type Action, type Verdict, act, seenBy, standing } from '../../jobs/run/act.ts';
import type { Cloud } from '../../jobs/files/cloud.ts';
import type { RunEvent, Work } from '../../jobs/run/events.ts';
import type { KeptOutput } from '../../jobs/redis/output.ts';
import type { Recognise } from '../../openstack/repair/signature.ts';
import { wayOutOf } from '../../openstack/repair/fixes.ts';
import { refuseUngiven } from '../../jobs/run/plan.ts';
import type { Queues } from '../../jobs/redis/queue.ts';
import type { Run } from '../../jobs/run/run.ts';
import type { Runbook } from '../../jobs/files/runbook.ts';
import type { Store } from '../../jobs/redis/store.ts';
import { failedStep, wayOutChosen } from '../../jobs/run/fixes.ts';
import type { Access, Rights } from './access.ts';
import { intentOfButton } from '../actions/buttons.ts';
import { type Intent, parseWords } from '../commands/index.ts';
import { look } from './look.ts';
import type { Press } from '../actions/press.ts';
import { startRun } from './start-run.ts';
import {
  type Aside,
  type Upgrades,
  healCloud,
  inspectCloud,
  planCloud,
  startCloud,
} from './upgrade.ts';
import {
  askedAnswer,
  doneAnswer,
  errorAnswer,
  problemAnswer,
  refusedAnswer,
} from '../views/answers.ts';
import { type Message, said } from '../views/blocks.ts';
import type { Dates } from '../views/text.ts';

/** All that answering a press takes. */
export interface Desk {
  readonly store: Store;
  readonly access: Access;
  readonly queues: Pick<Queues, 'decideAgain' | 'card'>;
  readonly loadCloud: (name: string) => Promise<Cloud>;
  readonly loadRunbook: (name: string) => Promise<Runbook>;
  readonly readOutput: (run: string, work: Work) => Promise<KeptOutput | undefined>;
  /** Throws an OperatorError when the bot cannot post in the channel. */
  readonly checkChannel: (channel: string) => Promise<void>;
  readonly upgrades: Upgrades;
  readonly recognise: Recognise;
  readonly now: () => string;
  readonly dates: Dates;
}

/**
 * Does what a person typed, pressed or submitted, and answers it. The one way in: words and buttons are checked alike.
 * Doing the same press again does nothing more and answers the same. Rejects only where trying again makes sense.
 * What takes long says so through `aside` first.
 */
export async function perform(
  press: Press,
  desk: Desk,
  aside: Aside = async () => {},
): Promise<Message> {
  const intent = press.source === 'word' ? parseWords(press.text ?? '') : intentOfButton(press);
  if ('problem' in intent) return problemAnswer(intent);
  try {
    return await carryOut(intent, { press, desk, aside });
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return errorAnswer(error, desk.dates);
  }
}

interface Asking {
  readonly press: Press;
  readonly desk: Desk;
  readonly aside: Aside;
}

async function carryOut(intent: Intent, asking: Asking): Promise<Message> {
  const { press, desk } = asking;
  switch (intent.do) {
    case 'run':
      return startRun(intent, press, desk);
    case 'inspect':
      return inspectCloud(intent, asking);
    case 'plan':
      return planCloud(intent, asking);
    case 'start':
      return startCloud(intent, asking);
    case 'heal':
      return healCloud(intent, asking);
    case 'act':
      return actOn(intent, press, desk);
    case 'ask':
      return askAgain(intent.run, press, desk);
    case 'help':
    case 'status':
    case 'log':
      return look(intent, press, desk);
  }
}

async function actOn(
  { run: id, action }: Extract<Intent, { do: 'act' }>,
  press: Press,
  desk: Desk,
): Promise<Message> {
  const { cloud, rights } = await rightsOn(id, press, desk);
  if ((await desk.store.events(id)).some((event) => isOf(event, press))) {
    return doneAnswer(await desk.store.load(id), action);
  }
  if (!isUrgent(action)) refuseOverdue(press, desk.now());
  let verdict: Verdict | undefined;
  const { run } = await desk.store.append(id, (state) => {
    verdict = act(state, withWay(state, action, { cloud, rights, press, desk }), rights, press.at);
    return 'event' in verdict ? verdict.event : undefined;
  });
  if (verdict === undefined || 'event' in verdict) return doneAnswer(run, action);
  if (verdict.refused !== 'notAllowed') return refusedAnswer(verdict, desk);
  const isForApprovers = action.name === 'approve' || action.name === 'reject';
  const { approvers, engineers } = cloud.access;
  const others = (isForApprovers ? approvers : [...engineers, ...approvers]).filter(
    (each) => each !== run.requestedBy || action.name !== 'approve',
  );
  return notAllowed(verdict.reason, rights, others);
}

interface Deciding {
  readonly cloud: Cloud;
  readonly rights: Rights;
  readonly press: Press;
  readonly desk: Desk;
}

/** The steps of a way out, made from what the run is stuck at now; none where the press is refused for another reason. */
function withWay(run: Run, action: Action, { cloud, rights, press, desk }: Deciding): Action {
  if (action.name !== 'way' || !mayLook(rights)) return action;
  const failed = failedStep(run);
  const isStale = action.seen !== undefined && action.seen !== seenBy(run, 'way');
  if (failed === undefined || isStale || action.choice === undefined) return action;
  const { knowledge } = desk.upgrades;
  const way = wayOutOf({ knowledge, cloud }, { run, failed, choice: action.choice });
  const { user: by, at } = press;
  const approvers = cloud.access.approvers.filter((id) => id !== by);
  const others = { name: cloud.name, access: { ...cloud.access, approvers } };
  refuseUngiven(wayOutChosen(run, failed, way, { by, at }).steps, others, [run.requestedBy]);
  return { ...action, way };
}

async function askAgain(id: string, press: Press, desk: Desk): Promise<Message> {
  const { run, cloud, rights } = await rightsOn(id, press, desk);
  if (!mayLook(rights)) return onlyFor(cloud, rights);
  if (run.ended !== undefined)
    return refusedAnswer({ refused: 'stale', reason: standing(run) }, desk);
  await desk.queues.decideAgain(id);
  await desk.queues.card(id);
  return askedAnswer(run);
}

/** What a person may do on the cloud of a run, by its file as it is now. Throws `UnknownRun`, `UnknownCloud` or `BadFile`. */
export async function rightsOn(
  id: string,
  { user }: Press,
  { store, loadCloud, access }: Desk,
): Promise<{ run: Run; cloud: Cloud; rights: Rights }> {
  const run = await store.load(id);
  const cloud = await loadCloud(run.plan.cloud);
  return { run, cloud, rights: await access.rightsOf(user, cloud.access) };
}

export const mayLook = ({ isEngineer, isApprover }: Rights): boolean => isEngineer || isApprover;

export const onlyFor = ({ name, access }: Cloud, rights: Rights): Message =>
  notAllowed(`only engineers and approvers of ${name} may`, rights, [
    ...access.engineers,
    ...access.approvers,
  ]);

/** Says who may, and what of it could not be looked up. */
export function notAllowed(reason: string, rights: Rights, who: readonly string[]): Message {
  const { text } = refusedAnswer(
    { refused: 'notAllowed', reason: rights.barred ?? reason },
    { who },
  );
  const doubts = rights.doubts.map((doubt) => `${doubt}. Try again in a minute.`);
  return said([text, ...doubts].join('\n'));
}

/** A press is done at its own time, so an event with its person and time is what it became. */
const isOf = (event: RunEvent, { user, at }: Press): boolean =>
  'by' in event && event.by === user && event.at === at;

const isUrgent = ({ name }: Action): boolean => ['pause', 'abort', 'reject'].includes(name);

/** What changes a cloud is not done long after somebody wanted it. */
export function refuseOverdue({ at }: Press, now: string): void {
  if (Date.parse(now) - Date.parse(at) <= 5 * 60_000) return;
  throw new OperatorError(`Hopscotch was away when this came in at ${at}, so nothing was done`, {
    hint: 'Look at the run, and do it again if it still makes sense.',
    name: 'Overdue',
  });
}
