import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { OperatorError } from '../../handlers/contract/errors.ts';
import type { LocalWorkspace } from '../slack/slack.ts';

export interface StoryProduct {
  /** What the product says, as it says it. */
  readonly logPath: string;
  /** Resolves when the product ends, for whatever reason. */
  readonly ended: Promise<void>;
  /** Lets it drain, and waits until it has ended. */
  readonly stop: () => Promise<void>;
}

interface Options {
  /** Holds its data and its log. */
  readonly dir: string;
  readonly cloudsDir: string;
  readonly runbooksDir: string;
  readonly workspace: Pick<LocalWorkspace, 'botToken' | 'appToken' | 'apiUrl'>;
  /** `npm run build` has been done: its processes start without compiling anything, and what is edited meanwhile is none of theirs. */
  readonly isBuilt?: boolean;
}

const readyMs = 300_000;

/** Starts the whole product as `npm start` does, in processes of its own, and waits until it can be talked to. */
export async function startStoryProduct(options: Options): Promise<StoryProduct> {
  const { dir, cloudsDir, runbooksDir, workspace, isBuilt = false } = options;
  const logPath = join(dir, 'product.log');
  const log = await open(logPath, 'a');
  const child = spawn(
    'setpriv', // the product drains when this process ends, however that ends
    [
      '--pdeathsig',
      'TERM',
      process.execPath,
      ...(isBuilt ? ['dist/main.js'] : ['--import', 'tsx', main]),
    ],
    {
      cwd: repository,
      // A session of its own: Ctrl-C is for us, who then stop all parts in order.
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        SLACK_BOT_TOKEN: workspace.botToken,
        SLACK_APP_TOKEN: workspace.appToken,
        SLACK_API_URL: workspace.apiUrl,
        CLOUDS_DIR: cloudsDir,
        RUNBOOKS_DIR: runbooksDir,
        DATA_DIR: join(dir, 'data'),
      },
    },
  );
  const ended = once(child, 'exit').then(() => log.close());
  let isOver = false;
  void ended.then(() => (isOver = true));
  const stop = async () => {
    if (!isOver) child.kill('SIGTERM');
    await ended;
  };
  const deadline = Date.now() + readyMs;
  while (!(await isReady(logPath))) {
    if (isOver || Date.now() > deadline) {
      const why = isOver ? 'ended' : `was not ready after ${readyMs / 60_000} minutes`;
      await stop();
      throw new OperatorError(`starting the product: it ${why}\n${await fileTail(logPath)}`, {
        name: 'ProductNotReady',
        hint: 'Its last words are above.',
      });
    }
    await sleep(50);
  }
  return { logPath, ended, stop };
}

const repository = fileURLToPath(new URL('../..', import.meta.url));
const main = join(repository, 'main.ts');

async function isReady(logPath: string): Promise<boolean> {
  const log = await readFile(logPath, 'utf8');
  return ['bot', 'worker'].every((name) => new RegExp(`"name":"${name}".*"msg":"ready"`).test(log));
}

export const fileTail = async (path: string, lines = 30): Promise<string> =>
  (await readFile(path, 'utf8')).trimEnd().split('\n').slice(-lines).join('\n');
