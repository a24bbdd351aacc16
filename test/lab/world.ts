import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { buttonsOfMessage, messagePlace, readMessage } from '../../sandbox/slack/reading.ts';
import { cardOfRun, openApproval, runOfMessage } from '../../sandbox/slack/find.ts';
import { pretendPeople } from '../../sandbox/slack/people.ts';
import { type StoryProduct, startStoryProduct, fileTail } from '../../sandbox/story/product.ts';
import { approvalsGiven } from '../../sandbox/story/runs.ts';
import {
  type WorkspaceMessage,
  type LocalWorkspace,
  startWorkspace,
} from '../../sandbox/slack/slack.ts';
import { writeLabCloud } from './cloud.ts';

const { ann, ben, chie } = pretendPeople;

/** A workspace and the product, for the lab's cloud; people in it. */
export interface LabWorld {
  readonly workspace: LocalWorkspace;
  readonly product: StoryProduct;
  readonly dir: string;
  /** ann types `/upgrade TEXT`; answers the id of the run that this starts. */
  readonly startRun: (text: string) => Promise<string>;
  /** ann types `/upgrade TEXT`; answers what comes back to her alone, or in the channel, once it holds the words. */
  readonly ask: (text: string, words: string, deadlineMs?: number) => Promise<string>;
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
  /** What a person does by hand; answers the proof. */
  readonly byHand?: (what: string) => Promise<string>;
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

export async function startLabWorld(say: (line: string) => void): Promise<LabWorld> {
  const dir = await mkdtemp(join(tmpdir(), 'hopscotch-lab-'));
  const [cloudsDir, runbooksDir] = [join(dir, 'clouds'), join(dir, 'runbooks')];
  await mkdir(runbooksDir);
  await writeLabCloud(cloudsDir);
  const workspace = await startWorkspace({ dir: join(dir, 'slack') });
  const product = await startStoryProduct({ dir, cloudsDir, runbooksDir, workspace });
  const { control } = workspace;
  const messages = (): Promise<WorkspaceMessage[]> => control.messages();
  const textOf = (message: WorkspaceMessage | undefined): string =>
    message === undefined ? '' : readMessage(message).join('\n');
  const waitFor = async <T>(
    what: string,
    find: (all: WorkspaceMessage[]) => T | undefined,
    deadlineMs: number,
  ): Promise<T> => {
    const deadline = Date.now() + deadlineMs;
    for (;;) {
      const found = find(await messages());
      if (found !== undefined) return found;
      if (Date.now() > deadline) {
        const last = (await messages()).slice(-3).map(textOf).join('\n…\n');
        throw new Error(`waited in vain for ${what}; what came last:\n${last}`);
      }
      await sleep(300);
    }
  };
  const type = async (text: string): Promise<void> => {
    say(`ann types /upgrade ${text}`);
    await control.command({ user: ann.id, text });
  };
  const press: LabWorld['press'] = async (who, message, action) => {
    say(`${who} presses ${action}`);
    await control.click({ user: pretendPeople[who].id, ts: message.ts, actionId: action });
  };
  const card: LabWorld['card'] = async (run) => textOf(cardOfRun(await messages(), run));
  return {
    workspace,
    product,
    dir,
    messages,
    press,
    card,
    startRun: async (text) => {
      const known = new Set((await messages()).map(({ ts }) => ts));
      await type(text);
      return waitFor(
        `a run after ${text}`,
        (all) => {
          const fresh = all.filter(({ ts }) => !known.has(ts));
          const refusal = fresh
            .map((one) => textOf(one))
            .find((one) => one.startsWith('Nothing was done'));
          const begun = fresh.find((one) => messagePlace(one).place === 'card');
          if (begun !== undefined) return runOfMessage(begun);
          if (refusal !== undefined) throw new Error(refusal);
          return undefined;
        },
        180_000,
      );
    },
    ask: async (text, words, deadlineMs = 180_000) => {
      const known = new Set((await messages()).map(({ ts }) => ts));
      await type(text);
      return waitFor(
        `an answer to ${text} with "${words}"`,
        (all) => {
          const fresh = all.filter(({ ts }) => !known.has(ts)).map(textOf);
          const refusal = fresh.find((one) => one.startsWith('Nothing was done'));
          return fresh.find((one) => one.includes(words)) ?? refusal;
        },
        deadlineMs,
      );
    },
    addRunbook: (name, runbook) => writeFile(join(runbooksDir, `${name}.yaml`), stringify(runbook)),
    drive: async (run, { until, byHand, deadlineMs = 40 * 60_000, watch, onApproval }) => {
      const deadline = Date.now() + deadlineMs;
      const pressed = new Set<string>();
      let approvals = 0;
      for (;;) {
        const all = await messages();
        const message = cardOfRun(all, run);
        const text = textOf(message);
        await watch?.(text);
        if (message !== undefined && until(text, buttonsOfMessage(message)))
          return { card: text, message, approvals };
        const approval = openApproval(run)(all);
        if (approval !== undefined) {
          const given = approvalsGiven(approval);
          const key = `${approval.ts} ${given}`;
          if (!pressed.has(key)) {
            pressed.add(key);
            approvals += 1;
            onApproval?.(textOf(approval));
            const who = given === 0 ? ben : chie;
            say(`${who.name} approves: ${readMessage(approval)[0] ?? ''}`);
            await control.click({ user: who.id, ts: approval.ts, actionId: 'run.approve' });
          }
        }
        if (
          byHand !== undefined &&
          message !== undefined &&
          buttonsOfMessage(message).includes('run.done')
        ) {
          const key = `done ${text}`;
          if (!pressed.has(key)) {
            pressed.add(key);
            const proof = await byHand(text);
            await type(`done ${run} ${proof}`);
          }
        }
        if (Date.now() > deadline) throw new Error(`run ${run} is not there yet:\n${text}`);
        await sleep(500);
      }
    },
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
