import type { Cloud } from '../../jobs/files/cloud.ts';
import type { Rights } from './access.ts';
import { type Desk, mayLook, notAllowed, onlyFor } from './perform.ts';
import type { Press } from '../actions/press.ts';
import type { Message } from '../views/blocks.ts';

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
