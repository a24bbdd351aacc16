import { OperatorError } from '../../handlers/contract/errors.ts';
import { actOnRun, meantAction, runStanding, stateMark } from '../../jobs/run/act.ts';
import { type DoorUse, RunEvent } from '../../jobs/run/events.ts';
import { planFix } from '../../openstack/repair/fixes.ts';
import type { Run } from '../../jobs/run/run.ts';
import { failedStep, fixChosen } from '../../jobs/run/fixes.ts';
import { intentOfButton } from '../actions/buttons.ts';
import { type Intent, parseUpgradeLine, renamedWord } from '../commands/index.ts';
import { answerClouds } from './answers/list-clouds.ts';
import { judgeApprovals } from './judge.ts';
import { answerQuestion } from './answers/answer-question.ts';
import type { Press } from '../actions/press.ts';
import {
  answerHeal,
  answerInspect,
  answerPlan,
  answerRunbook,
  answerStart,
} from './answers/clouds.ts';
import {
  askedAnswer,
  doneAnswer,
  errorAnswer,
  problemAnswer,
  refusedAnswer,
  voidedAnswer,
  withNote,
} from '../views/answers.ts';
import type { Message } from '../views/blocks.ts';
import { refuseUngiven } from '../../jobs/run/compose.ts';
import type { Action, Verdict } from '../../jobs/run/action.ts';
import type { SayMeanwhile, CloudDesk, AnsweredPress } from './desk.ts';
import {
  type AccessLists,
  type CloudRights,
  refuseOutsiders,
  type RightsOnRun,
  mayRead,
  notAllowedOnRun,
  rightsOnRun,
} from './rights.ts';
import { type LossAtConfirm, lossAtConfirm, noteLoss } from './counted-loss.ts';
import { answerUnlock } from './answers/unlock.ts';
import { refuseOverduePress } from '../../jobs/run/overdue.ts';

/**
 * Does what a person typed, pressed or submitted, and answers it. The one way in: words and buttons are checked alike.
 * Doing the same press again does nothing more and answers the same. Rejects only where trying again makes sense.
 * What takes long says so through `aside` first.
 */
export async function performPress(
  press: Press,
  desk: CloudDesk,
  aside: SayMeanwhile = async () => {},
): Promise<Message> {
  let earlier: CloudRights['earlier'];
  const access: AccessLists = {
    rightsOf: async (...asked) => {
      const rights = await desk.access.rightsOf(...asked);
      if (rights.id === press.user) earlier ??= rights.earlier;
      return rights;
    },
  };
  const message = await answerTo(press, { ...desk, access }, aside);
  const renamed = press.source === 'word' ? renamedWord(press.text ?? '') : undefined;
  const notes = [renamed, earlier === undefined ? undefined : earlierCounts(earlier)].filter(
    (note) => note !== undefined,
  );
  return notes.reduce((said, note) => withNote(said, note, desk.dates), message);
}

/** Names the code of a refusal: nobody should wait for a Slack that waits for them. */
const earlierCounts = ({ confirmedAt, untold }: NonNullable<CloudRights['earlier']>): string =>
  `${untold.is === 'silent' ? 'Slack does not answer' : `Slack refuses Hopscotch itself (${untold.code})`}, so what it said about your account and groups at ${confirmedAt} counts.`;

async function answerTo(press: Press, desk: CloudDesk, aside: SayMeanwhile): Promise<Message> {
  const intent =
    press.source === 'word' ? parseUpgradeLine(press.text ?? '') : intentOfButton(press);
  if ('problem' in intent) return problemAnswer(intent);
  try {
    return await carryOut(intent, { press, desk, aside });
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return errorAnswer(error, desk.dates);
  }
}

async function carryOut(intent: Intent, asking: AnsweredPress): Promise<Message> {
  const { press, desk } = asking;
  switch (intent.do) {
    case 'run':
      return answerRunbook(intent, asking);
    case 'clouds':
      return answerClouds(press, desk);
    case 'inspect':
      return answerInspect(intent, asking);
    case 'plan':
      return answerPlan(intent, asking);
    case 'start':
      return answerStart(intent, asking);
    case 'heal':
      return answerHeal(intent, asking);
    case 'unlock':
      return answerUnlock(intent, asking);
    case 'act':
      return actOn(intent, press, desk);
    case 'ask':
      return askAgain(intent.run, press, desk);
    case 'help':
    case 'status':
    case 'log':
      return answerQuestion(intent, press, desk);
  }
}

async function actOn(
  { run: id, action: asked }: Extract<Intent, { do: 'act' }>,
  press: Press,
  desk: CloudDesk,
): Promise<Message> {
  const found = await rightsOnRun(id, press, desk);
  const { cloud, rights, file } = found;
  const action = await withPeople(meantAction(found.run, asked, press.at), found, desk);
  if (file instanceof OperatorError && !isStopping(action)) throw file;
  if ((await desk.store.events(id)).some((event) => isOf(event, press))) {
    return doneAnswer(await desk.store.load(id), action);
  }
  if (!isUrgent(action)) refuseOverduePress(press, desk.now());
  if (action.name === 'approve') {
    const judged = await judgeApprovals(id, desk);
    if (judged?.type === 'ApprovalsVoided') return voidedAnswer(judged, cloud.name);
  }
  const mayConfirm =
    action.name === 'confirm' && 'event' in actOnRun(found.run, action, rights, press.at);
  const loss: LossAtConfirm = mayConfirm ? await lossAtConfirm(found.run, press, desk) : {};
  const looked = action.name === 'approve' ? await lookedAt(id, desk) : undefined;
  let verdict: Verdict | undefined;
  const { run } = await desk.store.append(id, (state) => {
    const unread = looked === undefined ? undefined : unreadVerdict(state, looked);
    verdict = actOnRun(
      state,
      withWay(state, action, { file, rights, press, desk }),
      rights,
      press.at,
    );
    // Whoever may not approve, or comes too late, hears that first.
    if ('event' in verdict && unread !== undefined) verdict = unread;
    if ('event' in verdict && loss.changed !== undefined)
      verdict = { refused: 'stale', reason: loss.changed };
    return 'event' in verdict ? withDoor(verdict.event, press, rights) : undefined;
  });
  if (verdict === undefined || 'event' in verdict) {
    if (action.name === 'rollback') await noteLoss(run, desk);
    const done = withFileNote(doneAnswer(run, action), file);
    return loss.price === undefined ? done : withNote(done, loss.price, desk.dates);
  }
  if (verdict.refused !== 'notAllowed') return refusedAnswer(verdict, desk);
  return notAllowedOnRun(action, verdict.reason, { run, cloud, rights });
}

/** What a rollback of two people takes beside the press: the other one's rights as they are now, and the cloud's own wait. */
async function withPeople(
  action: Action,
  { run, cloud, file }: RightsOnRun,
  { access }: CloudDesk,
): Promise<Action> {
  if (action.name === 'rollback' && !(file instanceof OperatorError)) {
    const minutes = file.access.rollbackAloneAfterMinutes;
    return minutes === undefined ? action : { ...action, aloneAfterMs: minutes * 60_000 };
  }
  if (action.name !== 'confirm' || run.proposed === undefined) return action;
  const { engineers, approvers } = cloud.access;
  const lists = { engineers: [...engineers], approvers: [...approvers] };
  return { ...action, proposer: await access.rightsOf(run.proposed.by, lists) };
}

/** Where it was said, and by which account there, if not in Slack. */
function withDoor(event: RunEvent, { door }: Press, { earlier }: CloudRights): RunEvent {
  if (door === undefined || !DOOR_EVENTS.has(event.type)) return event;
  const use: DoorUse = {
    ...door,
    ...(earlier !== undefined && { confirmedAt: earlier.confirmedAt }),
    ...(earlier?.untold.is === 'refusesUs' && { slackRefused: earlier.untold.code }),
  };
  return RunEvent.parse({ ...event, door: use });
}

/** Of the words that the local door takes. */
const DOOR_EVENTS: ReadonlySet<RunEvent['type']> = new Set([
  'AbortRequested',
  'RollbackProposed',
  'RollbackRequested',
]);

interface Looked {
  /** Of the state in which somebody looked. */
  readonly seen: string;
  readonly why: string | undefined;
}

/** Whether what a run asks for can be read right now. */
async function lookedAt(id: string, { store, whyUnreadable }: CloudDesk): Promise<Looked> {
  const run = await store.load(id);
  return { seen: stateMark(run, 'approve'), why: await whyUnreadable(run) };
}

/** Nobody approves what can't be read, nor what nobody looked at. */
function unreadVerdict(run: Run, { seen, why }: Looked): Verdict | undefined {
  const reason =
    seen === stateMark(run, 'approve') ? why : `it moved on meanwhile. ${runStanding(run)}`;
  return reason === undefined ? undefined : { refused: 'stale', reason };
}
/** What ends a run or keeps it from going on takes nothing that the cloud's file would have to say. */
const isStopping = ({ name }: Action): boolean =>
  name === 'pause' || name === 'abort' || name === 'reject' || name === 'skip';

const withFileNote = (message: Message, file: RightsOnRun['file']): Message =>
  file instanceof OperatorError
    ? withNote(message, `Who may do this is as it was when the run began: ${file.message}`)
    : message;

interface Deciding {
  readonly file: RightsOnRun['file'];
  readonly rights: CloudRights;
  readonly press: Press;
  readonly desk: CloudDesk;
}

/** The steps of a fix, made from what the run is stuck at now; none where the press is refused for another reason. */
function withWay(run: Run, action: Action, { file: cloud, rights, press, desk }: Deciding): Action {
  if (action.name !== 'fix' || !mayRead(rights) || cloud instanceof OperatorError) return action;
  const failed = failedStep(run);
  const isStale = action.seen !== undefined && action.seen !== stateMark(run, 'fix');
  if (failed === undefined || isStale || action.choice === undefined) return action;
  const { knowledge } = desk;
  const way = planFix({ knowledge, cloud }, { run, failed, choice: action.choice });
  const { user: by, at } = press;
  const approvers = cloud.access.approvers.filter((id) => id !== by);
  const others = { name: cloud.name, access: { ...cloud.access, approvers } };
  refuseUngiven(fixChosen(run, failed, way, { by, at }).steps, others, [run.requestedBy]);
  return { ...action, way };
}

async function askAgain(id: string, press: Press, desk: CloudDesk): Promise<Message> {
  const { run, cloud, rights } = await rightsOnRun(id, press, desk);
  const refusal = refuseOutsiders(cloud, rights);
  if (refusal !== undefined) return refusal;
  if (run.ended !== undefined)
    return refusedAnswer({ refused: 'stale', reason: runStanding(run) }, desk);
  await desk.queues.decideAgain(id);
  await desk.queues.card(id);
  return askedAnswer(run);
}

/** A press is done at its own time, so an event with its person and time is what it became. */
const isOf = (event: RunEvent, { user, at }: Press): boolean =>
  'by' in event && event.by === user && event.at === at;

const isUrgent = ({ name }: Action): boolean => ['pause', 'abort', 'reject'].includes(name);
