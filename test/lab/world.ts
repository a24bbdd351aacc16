import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { buttonsOfMessage, messagePlace, readMessage } from '../../sandbox/slack/reading.ts';
import { cardOfRun, openApproval, runOfMessage } from '../../sandbox/slack/find.ts';
import { pretendPeople } from '../../sandbox/slack/people.ts';
import { type StoryProduct, startStoryProduct, fileTail } from '../../sandbox/story/product.ts';
import { approvalsGiven } from '../../sandbox/story/runs.ts';
import {
  type WorkspaceMessage,
  type LocalWorkspace,
  type WorkspaceControl,
  startWorkspace,
} from '../../sandbox/slack/slack.ts';
import { writeLabCloud } from './cloud.ts';

const { ben, chie } = pretendPeople;

/** A workspace and the product, for the lab's cloud; people in it. */
export interface LabWorld {
  readonly workspace: LocalWorkspace;
  /** Stops the product, and starts it as it is built by now. */
  readonly restartProduct: () => Promise<void>;
  readonly dir: string;
  /** ann types `/upgrade TEXT`; answers the id of the run that this starts. */
  readonly startRun: (text: string) => Promise<string>;
  /** ann types `/upgrade TEXT`; answers what comes back to her alone, or in the channel, once it holds the words. */
  readonly ask: (text: string, words: string, deadlineMs?: number) => Promise<string>;
  /** Somebody types `/upgrade TEXT`: ann, where it is not said. */
  readonly type: (text: string, who?: keyof typeof pretendPeople) => Promise<void>;
  /** Somebody types `/upgrade TEXT`; answers what they alone see then, or undefined where that is nothing for a minute. */
  readonly hear: (text: string, who: keyof typeof pretendPeople) => Promise<string | undefined>;
  readonly addRunbook: (name: string, runbook: object) => Promise<void>;
  readonly messages: () => Promise<WorkspaceMessage[]>;
  readonly press: (
    who: 'ann' | 'ben' | 'chie',
    message: WorkspaceMessage,
    action: string,
  ) => Promise<void>;
  /**
   * Approves whatever the run asks for, as ben and chie, and answers its manual steps by `byHand`, until its card says one
   * of the words or offers the button.
   */
  readonly drive: (run: string, options: LabDrive) => Promise<DrivenRun>;
  readonly card: (run: string) => Promise<string>;
  readonly thread: (run: string) => Promise<string>;
  /** What every message says. */
  readonly allText: () => Promise<string[]>;
  /** The last lines of the product's log. */
  readonly tail: () => Promise<string>;
  readonly stop: () => Promise<void>;
}

export interface LabDrive {
  readonly until: (card: string, buttons: readonly string[]) => boolean;
  /** What a person does by hand; answers the proof, or undefined where it is left undone. */
  readonly byHand?: (what: string) => Promise<string | undefined>;
  readonly deadlineMs?: number;
  /** Called about twice a second with the card's lines. */
  readonly watch?: (card: string) => Promise<void> | void;
  /** Called with what each approver reads before the press. */
  readonly onApproval?: (text: string) => void;
}

export interface DrivenRun {
  readonly card: string;
  readonly message: WorkspaceMessage;
  readonly approvals: number;
}

/** Begins with the files that a world had before, where `kept` is a folder; its messages are gone. */
export async function startLabWorld(say: (line: string) => void, kept?: string): Promise<LabWorld> {
  const dir = await mkdtemp(join(tmpdir(), 'hopscotch-lab-'));
  if (kept !== undefined) {
    await promisify(execFile)('cp', ['-a', `${kept}/.`, dir]);
    // It says that another process was ready.
    await rename(join(dir, 'product.log'), join(dir, 'product.log.kept'));
  }
  const [cloudsDir, runbooksDir] = [join(dir, 'clouds'), join(dir, 'runbooks')];
  await mkdir(runbooksDir, { recursive: true });
  await writeLabCloud(cloudsDir);
  const workspace = await startWorkspace({ dir: join(dir, 'slack') });
  const start = (): Promise<StoryProduct> =>
    startStoryProduct({ dir, cloudsDir, runbooksDir, workspace, isBuilt: true });
  let product = await start();
  const { control } = workspace;
  const { messages } = control;
  const type: LabWorld['type'] = async (text, who = 'ann') => {
    say(`${who} types /upgrade ${text}`);
    await control.command({ user: pretendPeople[who].id, text });
  };
  const lab: LabSlack = { control, type, say };
  const card: LabWorld['card'] = async (run) => textOf(cardOfRun(await messages(), run));
  return {
    workspace,
    restartProduct: async () => {
      await product.stop();
      // Its first words say when it is ready.
      await rename(product.logPath, `${product.logPath}.${Date.now()}`);
      product = await start();
    },
    dir,
    messages,
    type,
    press: (who, message, action) => pressInLab(lab, who, message, action),
    card,
    startRun: (text) => typeForRun(lab, text),
    ask: (text, words, deadlineMs = 180_000) => typeForAnswer(lab, { text, words, deadlineMs }),
    hear: (text, who) => typeAndHear(lab, text, who),
    addRunbook: (name, runbook) => writeFile(join(runbooksDir, `${name}.yaml`), stringify(runbook)),
    drive: (run, options) => driveLabRun(lab, run, options),
    thread: async (run) => {
      const message = cardOfRun(await messages(), run);
      const all = message === undefined ? [] : await control.thread(message.ts);
      return all.map(textOf).join('\n');
    },
    allText: async () => {
      const all = await messages();
      const threads = await Promise.all(
        all.filter(({ thread_ts }) => thread_ts === undefined).map(({ ts }) => control.thread(ts)),
      );
      return [...all, ...threads.flat()].map(textOf);
    },
    tail: () => fileTail(product.logPath),
    stop: async () => {
      await product.stop();
      await workspace.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** What opens a window, or is behind More…, is typed: everything that a button does has a word. */
async function pressInLab(
  { control, say, type }: LabSlack,
  ...[who, message, action]: Parameters<LabWorld['press']>
): Promise<void> {
  const user = pretendPeople[who].id;
  if (!buttonsOfMessage(message).includes(action)) {
    await type(`${action.replace(/^run\./, '')} ${runOfMessage(message)}`, who);
    return;
  }
  say(`${who} presses ${action}`);
  await control.click({ user, ts: message.ts, actionId: action });
}

/** The workspace as people of the lab use it. */
interface LabSlack {
  readonly control: WorkspaceControl;
  readonly type: LabWorld['type'];
  readonly say: (line: string) => void;
}

const textOf = (message: WorkspaceMessage | undefined): string =>
  message === undefined ? '' : readMessage(message).join('\n');

async function waitFor<T>(
  { control }: LabSlack,
  what: string,
  find: (all: WorkspaceMessage[]) => T | undefined,
  deadlineMs: number,
): Promise<T> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const found = find(await control.messages());
    if (found !== undefined) return found;
    if (Date.now() > deadline) {
      const last = (await control.messages()).slice(-3).map(textOf).join('\n…\n');
      throw new Error(`waited in vain for ${what}; what came last:\n${last}`);
    }
    await sleep(300);
  }
}

/** Types, and finds something in what is said from then on. */
async function typeAndFind<T>(
  lab: LabSlack,
  { text, who }: { readonly text: string; readonly who?: keyof typeof pretendPeople },
  what: string,
  find: (fresh: readonly WorkspaceMessage[], refusal: string | undefined) => T | undefined,
  deadlineMs: number,
): Promise<T> {
  const known = new Set((await lab.control.messages()).map(({ ts }) => ts));
  await lab.type(text, who);
  return waitFor(
    lab,
    what,
    (all) => {
      const fresh = all.filter(({ ts }) => !known.has(ts));
      return find(
        fresh,
        fresh.map(textOf).find((one) => one.startsWith('Nothing was done')),
      );
    },
    deadlineMs,
  );
}

const typeForRun = (lab: LabSlack, text: string): Promise<string> =>
  typeAndFind(
    lab,
    { text },
    `a run after ${text}`,
    (fresh, refusal) => {
      const begun = fresh.find((one) => messagePlace(one).place === 'card');
      if (begun !== undefined) return runOfMessage(begun);
      if (refusal !== undefined) throw new Error(refusal);
      return undefined;
    },
    900_000,
  );

const typeForAnswer = (
  lab: LabSlack,
  { text, words, deadlineMs }: { text: string; words: string; deadlineMs: number },
): Promise<string> =>
  typeAndFind(
    lab,
    { text },
    `an answer to ${text} with "${words}"`,
    (fresh, refusal) => fresh.map(textOf).find((one) => one.includes(words)) ?? refusal,
    deadlineMs,
  );

const typeAndHear = (
  lab: LabSlack,
  text: string,
  who: keyof typeof pretendPeople,
): Promise<string | undefined> =>
  typeAndFind(
    lab,
    { text, who },
    'an answer',
    (fresh) => {
      const answer = fresh.find(({ ephemeral_to }) => ephemeral_to === pretendPeople[who].id);
      return answer && textOf(answer);
    },
    60_000,
  ).catch(() => undefined);

async function driveLabRun(
  lab: LabSlack,
  run: string,
  { until, byHand, deadlineMs = 90 * 60_000, watch, onApproval }: LabDrive,
): Promise<DrivenRun> {
  const deadline = Date.now() + deadlineMs;
  const pressed = new Set<string>();
  const isNew = (key: string): boolean => !pressed.has(key) && pressed.add(key).has(key);
  let approvals = 0;
  for (;;) {
    const all = await lab.control.messages();
    const message = cardOfRun(all, run);
    const text = textOf(message);
    const buttons = message === undefined ? [] : buttonsOfMessage(message);
    await watch?.(text);
    if (message !== undefined && until(text, buttons)) return { card: text, message, approvals };
    const approval = openApproval(run)(all);
    if (approval !== undefined && isNew(`${approval.ts} ${approvalsGiven(approval)}`)) {
      approvals += 1;
      onApproval?.(textOf(approval));
      await approve(lab, approval);
    }
    if (message !== undefined && buttons.includes('run.confirm') && isNew(`confirm ${text}`))
      await pressInLab(lab, 'chie', message, 'run.confirm');
    // The rest of the card moves while it is done: nobody restarts a host twice for that.
    const asked = `done ${/\b(step|undoing) \d+ of \d+/i.exec(text)?.[0] ?? text}`;
    const proof = buttons.includes('run.done') && isNew(asked) ? await byHand?.(text) : undefined;
    if (proof !== undefined) await lab.type(`done ${run} ${proof}`);
    if (Date.now() > deadline) throw new Error(`run ${run} is not there yet:\n${text}`);
    await sleep(500);
  }
}

/** As ben, and as chie once ben has. */
async function approve({ control, say }: LabSlack, approval: WorkspaceMessage): Promise<void> {
  const who = approvalsGiven(approval) === 0 ? ben : chie;
  say(`${who.name} approves: ${readMessage(approval)[0] ?? ''}`);
  await control.click({ user: who.id, ts: approval.ts, actionId: 'run.approve' });
}
