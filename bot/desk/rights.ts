import { OperatorError } from '../../handlers/contract/errors.ts';
import type { Cloud } from '../../jobs/files/cloud.ts';
import type { RunStore } from '../../jobs/redis/store.ts';
import type { Action, PersonRights } from '../../jobs/run/action.ts';
import type { Run } from '../../jobs/run/run.ts';
import type { Press } from '../actions/press.ts';
import type { EarlierWord } from './slack-answers.ts';
import { refusedAnswer } from '../views/answers.ts';
import { type Message, refusalMessage, textMessage } from '../views/blocks.ts';

/** What a person may do on a cloud, and what Slack could not tell about it. */
export interface CloudRights extends PersonRights {
  /** Look-ups that did not work, in whole sentences; they count against the person. */
  readonly doubts: readonly string[];
  /** Why the account itself may do nothing, whatever the lists say. */
  readonly barred?: string;
  /** Slack was silent or refused us, and nothing that it said earlier counts any more: it may yet say something else. */
  readonly isUnsure?: true;
  /** What Slack said earlier counts, as it is silent or refuses us. */
  readonly earlier?: EarlierWord;
}

export interface AccessLists {
  /** Never rejects: what cannot be looked up gives no right. */
  readonly rightsOf: (
    user: string,
    lists: Pick<Cloud['access'], 'engineers' | 'approvers'>,
  ) => Promise<CloudRights>;
}

/** A cloud as far as it says who may do what. */
export interface PeopleOfCloud {
  readonly name: string;
  readonly access: {
    readonly engineers: readonly string[];
    readonly approvers: readonly string[];
  };
}

/** Why a person may not do something on a cloud; undefined for who may. */
type Refusal = (cloud: PeopleOfCloud, rights: CloudRights) => Message | undefined;

/** For who looks, plans and asks: engineers and approvers. */
export const refuseOutsiders: Refusal = (cloud, rights) =>
  mayRead(rights)
    ? undefined
    : notAllowed(
        `only engineers and approvers of ${cloud.name} can do that`,
        rights,
        everybodyOf(cloud),
      );

/** `what` engineers alone do, such as `start runs on it`. */
export const refuseNonEngineers =
  (what: string): Refusal =>
  ({ name, access }, rights) =>
    rights.isEngineer
      ? undefined
      : notAllowed(`only engineers of ${name} can ${what}`, rights, access.engineers);

/** `what` approvers alone do. */
export const refuseNonApprovers =
  (what: string): Refusal =>
  ({ name, access }, rights) =>
    rights.isApprover
      ? undefined
      : notAllowed(`only approvers of ${name} can ${what}`, rights, access.approvers);

/** Says why a person may not act on a run, which `act` has decided, and who may. */
export function notAllowedOnRun(
  { name }: Pick<Action, 'name'>,
  reason: string,
  { run, cloud, rights }: Pick<RightsOnRun, 'run' | 'cloud' | 'rights'>,
): Message {
  const isForApprovers = name === 'approve' || name === 'reject';
  const who = isForApprovers ? cloud.access.approvers : everybodyOf(cloud);
  const others = who.filter((each) => name !== 'approve' || each !== run.requestedBy);
  return notAllowed(reason, rights, others);
}

export const mayRead = ({ isEngineer, isApprover }: CloudRights): boolean =>
  isEngineer || isApprover;

const everybodyOf = ({ access }: PeopleOfCloud): string[] => [
  ...access.engineers,
  ...access.approvers,
];

/** Says who may, and what of it could not be looked up. */
function notAllowed(reason: string, rights: CloudRights, who: readonly string[]): Message {
  const { text } = refusedAnswer(
    { refused: 'notAllowed', reason: rights.barred ?? reason },
    { who },
  );
  return refusalMessage(textMessage([text, ...rights.doubts].join('\n')));
}

interface RightsSources {
  readonly store: Pick<RunStore, 'load'>;
  readonly loadCloud: (name: string) => Promise<Cloud>;
  readonly access: AccessLists;
}

export interface RightsOnRun {
  readonly run: Run;
  readonly cloud: PeopleOfCloud;
  readonly rights: CloudRights;
  /** The file of the cloud, or why it cannot be read: then the people are those of when the run began. */
  readonly file: Cloud | OperatorError;
}

/**
 * What a person may do on the cloud of a run, by its file as it is now. Throws `UnknownRun`; and `UnknownCloud` or `BadFile`
 * only for a run that does not carry its people.
 */
export async function rightsOnRun(
  id: string,
  { user }: Press,
  { store, loadCloud, access }: RightsSources,
): Promise<RightsOnRun> {
  const run = await store.load(id);
  const file = await loadCloud(run.plan.cloud).catch((error: unknown) => {
    if (error instanceof OperatorError && run.access !== undefined) return error;
    throw error;
  });
  const cloud = peopleOf(run, file);
  // The lists are plain data that nobody changes.
  const lists = { engineers: [...cloud.access.engineers], approvers: [...cloud.access.approvers] };
  return { run, cloud, file, rights: await access.rightsOf(user, lists) };
}

const peopleOf = (run: Run, file: Cloud | OperatorError): PeopleOfCloud =>
  file instanceof OperatorError
    ? { name: run.plan.cloud, access: run.access ?? { engineers: [], approvers: [] } }
    : file;

interface AskingOnCloud {
  readonly press: Press;
  readonly desk: Omit<RightsSources, 'store'>;
  readonly refusal: Refusal;
}

/** Answers a press on a cloud with `answer`, or with why this person may not. Throws `UnknownCloud` or `BadFile`. */
export async function answerOnCloud(
  name: string,
  { press, desk, refusal }: AskingOnCloud,
  answer: (cloud: Cloud) => Promise<Message>,
): Promise<Message> {
  const cloud = await desk.loadCloud(name);
  return refusal(cloud, await desk.access.rightsOf(press.user, cloud.access)) ?? answer(cloud);
}
