import type { Cloud } from '../../jobs/files/cloud.ts';
import type { Run } from '../../jobs/run/run.ts';
import type { Rights } from './access.ts';
import type { Press } from '../actions/press.ts';
import { refusedAnswer } from '../views/answers.ts';
import { type Message, said } from '../views/blocks.ts';
import type { Desk } from './desk.ts';

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

/** Why a person may not do something on a cloud; undefined for who may. */
type Refusal = (cloud: Cloud, rights: Rights) => Message | undefined;

interface Asking {
  readonly press: Press;
  readonly desk: Pick<Desk, 'loadCloud' | 'access'>;
  readonly refusal: Refusal;
}

/** Answers a press on a cloud with `answer`, or with why this person may not. Throws `UnknownCloud` or `BadFile`. */
export async function onCloud(
  name: string,
  { press, desk, refusal }: Asking,
  answer: (cloud: Cloud) => Promise<Message>,
): Promise<Message> {
  const cloud = await desk.loadCloud(name);
  return refusal(cloud, await desk.access.rightsOf(press.user, cloud.access)) ?? answer(cloud);
}

export const lookersOnly: Refusal = (cloud, rights) =>
  mayLook(rights) ? undefined : onlyFor(cloud, rights);

/** `what` they alone do, such as `start runs on it`. */
export const engineersOnly =
  (what: string): Refusal =>
  ({ name, access }, rights) =>
    rights.isEngineer
      ? undefined
      : notAllowed(`only engineers of ${name} ${what}`, rights, access.engineers);
