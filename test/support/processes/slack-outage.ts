import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { RunEvent } from '../../../jobs/run/events.ts';
import { pretendPeople } from '../../../sandbox/slack/people.ts';
import type { WorkspaceMessage } from '../../../sandbox/slack/slack.ts';
import type { TestSshd } from '../servers/sshd.ts';
import { productEntrance } from './entrance.ts';
import { type Product, actionIds, eventuallyOnProduct, messageText } from './product.ts';

const { ann, ben } = pretendPeople;

export interface DoorAnswer {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

/** `npx hopscotch WORDS`, as the user of this machine who runs the tests. */
export async function hopscotch(
  { dir }: Product,
  ...words: readonly string[]
): Promise<DoorAnswer> {
  const entrance = await productEntrance('cli/main');
  const env = { PATH: process.env['PATH'], DATA_DIR: join(dir, 'data') };
  const asking = promisify(execFile)(process.execPath, [...entrance, ...words], { env });
  return asking.then(
    ({ stdout, stderr }) => ({ exit: 0, out: stdout, err: stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
      exit: code,
      out: stdout,
      err: stderr,
    }),
  );
}

const step = (id: string, run: readonly string[], undo: readonly (readonly string[])[]) => ({
  id,
  title: id,
  kind: 'command',
  on: 'all',
  params: { run, undo },
});

/** A run of ann on the cloud, whose first step is done and whose second one goes on; its id and its card. */
export async function runUnderWay(
  product: Product,
  sshd: TestSshd,
  cloud: string,
): Promise<{ readonly run: string; readonly card: WorkspaceMessage }> {
  const access = {
    engineers: [ann.id],
    approvers: [ben.id],
    localUsers: { [userInfo().username]: ann.id },
  };
  await product.addCloud(cloud, sshd, { access });
  await product.addRunbook(cloud, {
    title: 'Work',
    steps: [
      step('make', ['sh', '-c', 'echo here >~/made'], [['sh', '-c', 'rm ~/made']]),
      step('wait', ['sh', '-c', 'echo begun; sleep 3000; echo done'], []),
    ],
  });
  const { control, waitFor } = product.workspace;
  await control.command({ user: ann.id, text: `run ${cloud} ${cloud}` });
  const isRequest = (message: WorkspaceMessage): boolean =>
    actionIds(message).includes('run.approve') && messageText(message).includes(cloud);
  const { ts } = await waitFor((all) => all.find(isRequest), { what: 'a request for approval' });
  await control.click({ user: ben.id, ts, actionId: 'run.approve' });
  const card = await cardOf(product, cloud, 'wait on ctl1');
  return { run: /Run ([0-9a-f]{6})/.exec(card.text)?.[1] ?? '', card };
}

const cardOf = (
  { workspace }: Product,
  cloud: string,
  words: string,
): Promise<WorkspaceMessage> => {
  const is = (message: WorkspaceMessage): boolean =>
    message.text.startsWith(`Work · ${cloud}:`) && messageText(message).includes(words);
  return workspace.waitFor((all) => all.find(is), {
    what: `the card that says: ${words}`,
    deadlineMs: 90_000,
  });
};

export interface SlackOutage {
  readonly run: string;
  /** What the door answered, in order. */
  readonly answers: Readonly<
    Record<
      'status' | 'abort' | 'watchAbort' | 'log' | 'rollback' | 'watchRollback' | 'again',
      DoorAnswer
    >
  >;
  /** What the first step had made, after the abort and after the rollback. */
  readonly made: readonly [string, string];
  /** All that Slack has been told in the end, below the card and beside it; nothing that only one person sees. */
  readonly thread: readonly string[];
  readonly channel: readonly string[];
  readonly events: readonly RunEvent[];
}

/**
 * Kills Slack in the middle of a run, and has the run aborted and rolled back at the local door; Slack comes back after so
 * long and is told all of it.
 */
export async function playSlackOutage(
  { product, sshd }: { readonly product: Product; readonly sshd: TestSshd },
  awayMs: number,
): Promise<SlackOutage> {
  const { run, card } = await runUnderWay(product, sshd, 'harbour');
  const door = (...words: string[]) => hopscotch(product, ...words);
  const made = () => readFile(join(sshd.home, 'made'), 'utf8').catch(() => 'gone');

  await product.slack?.die();
  await sleep(awayMs / 2);
  const status = await door('status');
  const abort = await door('abort', run);
  const watchAbort = await door('watch', run);
  const afterAbort = await made();
  const log = await door('log', run, 'wait');
  const rollback = await door('rollback', run);
  const watchRollback = await door('watch', run);
  const afterRollback = await made();
  const again = await door('abort', run);
  await sleep(awayMs / 2);
  await product.slack?.live();

  await cardOf(product, 'harbour', 'Rolled back');
  const thread = await eventuallyOnProduct(
    'the whole thread',
    async () => {
      const lines = (await product.workspace.control.thread(card.ts)).map(messageText);
      return lines.some((line) => line.includes('rolled back')) ? lines : undefined;
    },
    90_000,
  );
  const messages = await product.workspace.control.messages();
  return {
    run,
    answers: { status, abort, watchAbort, log, rollback, watchRollback, again },
    made: [afterAbort, afterRollback],
    thread,
    channel: messages.filter((each) => each.ephemeral_to === undefined).map(messageText),
    events: await product.store((store) => store.events(run)),
  };
}
