import { randomUUID } from 'node:crypto';
import { OperatorError } from '../../handlers/contract/errors.ts';
import type { Cloud } from '../../jobs/files/cloud.ts';
import type { Run } from '../../jobs/run/run.ts';
import type { Press } from '../actions/press.ts';
import { parseUpgradeLine } from '../commands/index.ts';
import type { CloudDesk } from '../desk/desk.ts';
import { stateMark } from '../../jobs/run/act.ts';
import { rollbackPrice } from '../../jobs/run/rollback/rollback-price.ts';
import { priceLines } from '../views/rollback/price-lines.ts';
import { type OutputFiles, nothingPrinted } from '../desk/output-files.ts';
import { performPress } from '../desk/perform.ts';
import { mayRead } from '../desk/rights.ts';
import { plainText } from './plain-text.ts';
import { doorExits } from './protocol.ts';
import { watchRun } from './watch-run.ts';
import { readDoorWords } from './words.ts';

export interface DoorVisitor {
  /** The user of this machine who typed. */
  readonly account: string;
  readonly words: readonly string[];
  readonly say: (text: string) => void;
  /** Whoever typed has gone. */
  readonly gone: AbortSignal;
}

export type DoorDesk = Omit<CloudDesk, 'dates'>;

/** Does what somebody typed at the local door, with the rights of whom the cloud's file says that they are. The exit code. */
export async function answerDoor(visitor: DoorVisitor, desk: DoorDesk): Promise<number> {
  const read = readDoorWords(visitor.words);
  if (read.do === 'help' || read.do === 'wrong') {
    visitor.say(read.text);
    return read.do === 'help' ? doorExits.done : doorExits.notUnderstood;
  }
  try {
    const who = await visitorOf(visitor.account, read.run, desk);
    if (read.do === 'watch') return await watch(read.run, who, { visitor, desk });
    if (read.do === 'confirm') return await confirm(read.run, who, { visitor, desk });
    if (read.word === 'rollback') await sayPrice(read, who, { visitor, desk });
    return await perform({ source: 'word', text: read.line }, who, { visitor, desk });
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    visitor.say([error.message, error.hint].filter((line) => line !== '').join('\n'));
    return doorExits.refused;
  }
}

interface Who {
  readonly user: string;
  /** Who is who on this machine, for the cloud that it is about. */
  readonly localUsers: Readonly<Record<string, string>>;
  readonly channel: string;
}

interface Answering {
  readonly visitor: DoorVisitor;
  readonly desk: DoorDesk;
}

type Typed = Pick<Press, 'source' | 'text' | 'action' | 'value'>;

async function perform(typed: Typed, who: Who, { visitor, desk }: Answering): Promise<number> {
  const { user, channel, localUsers } = who;
  const press: Press = {
    id: randomUUID().replaceAll('-', ''),
    at: desk.now(),
    user,
    channel,
    ...typed,
    door: { account: visitor.account },
  };
  const outputFiles = { ...desk.outputFiles, post: shownHere(visitor, desk) };
  const message = await performPress(press, { ...desk, outputFiles, dates: 'plain' });
  visitor.say(plainText(message, nameIn(localUsers)));
  return message.isRefusal === true ? doorExits.refused : doorExits.done;
}

const linesAtOnce = 500;

/** At the door a file is what is printed there: Slack may be down. */
const shownHere =
  ({ say }: DoorVisitor, { outputFiles }: DoorDesk): OutputFiles['post'] =>
  async (run, { work }) => {
    const found = await outputFiles.read(run, work);
    if (found === undefined) return { is: 'refused', why: nothingPrinted };
    const lines = found.content.toString().trimEnd().split('\n');
    for (let from = 0; from < lines.length; from += linesAtOnce)
      say(lines.slice(from, from + linesAtOnce).join('\n'));
    return { is: 'posted', isHere: true, ...(found.note !== undefined && { note: found.note }) };
  };

/** The second person of a rollback, and nothing else: what else is approved is read in Slack. */
async function confirm(id: string, who: Who, { visitor, desk }: Answering): Promise<number> {
  const run = await desk.store.load(id);
  if (run.proposed === undefined) {
    visitor.say(
      `Nothing was done: nobody has asked for a rollback of run ${id}. What a run is to do next is approved in Slack, where it can be read.`,
    );
    return doorExits.refused;
  }
  const value = JSON.stringify({ run: id, seen: stateMark(run, 'confirm') });
  return perform({ source: 'button', action: 'run.confirm', value }, who, { visitor, desk });
}

/** What going back costs, to those who may do it. */
async function sayPrice(
  { line, run: id = '' }: { readonly line: string; readonly run?: string },
  who: Who,
  { visitor, desk }: Answering,
): Promise<void> {
  const run = await desk.store.load(id);
  const { access } = await peopleOf(run, desk);
  if (!mayRead(await desk.access.rightsOf(who.user, access))) return;
  const intent = parseUpgradeLine(line);
  const step = 'action' in intent ? intent.action.step : undefined;
  const price = rollbackPrice(run, step);
  if (price === undefined) return;
  const lost = (await desk.countLost(run, price)) ?? 'not counted';
  visitor.say(priceLines(price, { now: desk.now(), lost }).join('\n'));
}

const nameIn =
  (localUsers: Who['localUsers']) =>
  (id: string): string | undefined => {
    const account = Object.entries(localUsers).find(([, user]) => user === id)?.[0];
    return account === undefined ? undefined : `${account} (${id})`;
  };

async function watch(id: string, who: Who, { visitor, desk }: Answering): Promise<number> {
  const exit = await perform({ source: 'word', text: `status ${id}` }, who, { visitor, desk });
  if (exit !== doorExits.done) return exit;
  const { access } = await peopleOf(await desk.store.load(id), desk);
  const mayLook = async (): Promise<boolean> =>
    mayRead(await desk.access.rightsOf(who.user, access));
  const ended = await watchRun(id, { ...visitor, store: desk.store, mayLook });
  const isWell = ended?.outcome === 'succeeded' || ended?.outcome === 'rolledBack';
  return isWell ? doorExits.done : doorExits.refused;
}

type Access = Pick<Cloud['access'], 'engineers' | 'approvers' | 'localUsers'>;

/** The cloud of a run, by its file; where that cannot be read, as it was when the run began. */
async function peopleOf(
  run: Run,
  { loadCloud }: Pick<DoorDesk, 'loadCloud'>,
): Promise<{ access: Access }> {
  return loadCloud(run.plan.cloud).catch((error: unknown) => {
    if (!(error instanceof OperatorError) || run.access === undefined) throw error;
    const { engineers, approvers, localUsers } = run.access;
    return {
      access: {
        engineers: [...engineers],
        approvers: [...approvers],
        ...(localUsers && { localUsers }),
      },
    };
  });
}

/** Who somebody at the door is in Slack. Throws `UnknownAccount`. */
async function visitorOf(account: string, run: string | undefined, desk: DoorDesk): Promise<Who> {
  if (run === undefined) return visitorOfAny(account, desk);
  const loaded = await desk.store.load(run);
  const { localUsers = {} } = (await peopleOf(loaded, desk)).access;
  const user = Object.hasOwn(localUsers, account) ? localUsers[account] : undefined;
  if (user === undefined) throw unknownAccount(account, `cloud ${loaded.plan.cloud}`);
  return { user, localUsers, channel: loaded.plan.channel };
}

/** For a question about no run in particular: whoever is the same person on each cloud. */
async function visitorOfAny(account: string, desk: DoorDesk): Promise<Who> {
  const names = await desk.listClouds();
  const files = await Promise.all(names.map((name) => desk.loadCloud(name).catch(() => undefined)));
  const localUsers = Object.fromEntries(
    files.flatMap((file) => Object.entries(file?.access.localUsers ?? {})),
  );
  const users = new Set(files.flatMap((file) => file?.access.localUsers?.[account] ?? []));
  const [user, ...others] = users;
  if (user === undefined) throw unknownAccount(account, 'any cloud');
  if (others.length > 0)
    throw new OperatorError(
      `${account} is another Slack user on one cloud than on another: ${[...users].join(', ')}`,
      { name: 'UnknownAccount', hint: 'Name a run: npx hopscotch status RUN' },
    );
  return { user, localUsers, channel: '' };
}

const unknownAccount = (account: string, where: string): OperatorError =>
  new OperatorError(`${account} of this machine is nobody that the file of ${where} names`, {
    name: 'UnknownAccount',
    hint: `An administrator of Hopscotch can write it there: access.localUsers: { ${account}: U012ABCDEF }, with the Slack user id of that person.`,
  });
