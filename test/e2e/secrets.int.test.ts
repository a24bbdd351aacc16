import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { pretendPeople } from '../../sandbox/slack/people.ts';
import type { WorkspaceMessage } from '../../sandbox/slack/slack.ts';
import { onProduct, runOfText } from '../support/processes/on-product.ts';
import {
  plainSecret,
  plantedLines,
  shownIn,
  watchProcessLists,
} from '../support/processes/planted.ts';
import { actionIds, eventuallyOnProduct, messageText } from '../support/processes/product.ts';

const { ann, ben } = pretendPeople;
const world = onProduct({ logLevel: 'debug' });

/** In files that are written, in what they held before, in outputs, in the errors of probes. */
const inFile = plantedLines(0, 24);
const before = plantedLines(24, 8);
const printed = plantedLines(32, 10);
const inProbe = plantedLines(42, 8);
const option = plainSecret(50);
const [evidence, reason, split] = [plainSecret(51), plainSecret(52), plainSecret(53)];
/** Without a name beside it: known from the file alone, in other forms and across chunks. */
const known = ['Zq54 "p&ss<w\'rd/x', 'Zq55+Pl4nted/base=64', 'Zq56Pl4nted-split-value'];
const secrets = [
  ...[...inFile, ...before, ...printed, ...inProbe].map(({ secret }) => secret),
  option,
  evidence,
  reason,
  split,
  ...known,
  'Zq57Pl4nted-in-json',
  'Zq58Pl4nted-in-url',
  'Zq59Pl4nted-in-hex',
];
const lines = (planted: readonly { text: string }[]): string =>
  planted.map(({ text }) => text).join('\n');

/** Files of the host with secrets in them. */
async function writeHostFiles(dir: string): Promise<void> {
  const [json = '', url = '', hex = ''] = secrets.slice(-3);
  const encoded = [
    ...known.flatMap((secret) => [
      `told ${secret}`,
      `told ${Buffer.from(secret).toString('base64')}`,
      `told ${encodeURIComponent(secret)}`,
    ]),
    JSON.stringify({ note: json }),
    `http://x/?q=${encodeURIComponent(url)}`,
    Buffer.from(hex).toString('hex'),
  ];
  const halves = known[2] ?? '';
  const files = {
    'old.conf': `[DEFAULT]\n${lines(before)}\n`,
    'option.conf': '[DEFAULT]\nadmin_password = x\n',
    'out.txt': `${lines(printed)}\npassword=${split}\n`,
    'encoded.txt': `${encoded.join('\n')}\n`,
    'probe.txt': `${lines(inProbe)}\n`,
    halves: `${halves.slice(0, 10)}\n${halves.slice(10)}`,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text);
}

/** What the run writes: all that it knows to be secret. */
const content = `[DEFAULT]\n${lines(inFile)}\n[known]\n${[...known, ...secrets.slice(-3)]
  .map((secret, index) => `k${index}_password = ${secret}`)
  .join('\n')}\n`;

const step = (kind: string, id: string, params: object) => ({
  id,
  title: id,
  kind,
  on: 'all',
  params,
});

function plantedSteps(dir: string) {
  const print = [
    `cat ${dir}/out.txt ${dir}/encoded.txt`,
    `printf %s "$(head -1 ${dir}/halves)"; sleep 1.3; tail -1 ${dir}/halves; echo`,
    'exit 3',
  ].join('; ');
  const unless = ['sh', '-c', `cat ${dir}/probe.txt >&2; exit 127`];
  const changes = [{ section: 'DEFAULT', option: 'admin_password', value: option }];
  return [
    step('file', 'write', { path: `${dir}/new.conf`, content }),
    step('file', 'replace', { path: `${dir}/old.conf`, content }),
    step('config-option', 'option', { path: `${dir}/option.conf`, changes }),
    step('command', 'print', { run: ['sh', '-c', print], undo: [] }),
    step('command', 'probe', { run: ['true'], undo: [], unless }),
    step('manual', 'person', { instructions: 'Look', proof: 'what you saw', changes: false }),
  ];
}

beforeAll(async () => {
  const { home } = world.sshd;
  await writeHostFiles(home);
  await world.product.addCloud('vault', world.sshd);
  await world.product.addRunbook('secrets', { title: 'Secrets', steps: plantedSteps(home) });
});

/** Everything that Redis has on its disk. */
async function redisOnDisk(): Promise<string> {
  const folder = join(world.product.dir, 'data/redis');
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const texts = files
    .filter((file) => file.isFile())
    .map((file) => readFile(join(file.parentPath, file.name), 'latin1'));
  return (await Promise.all(texts)).join('\n');
}

/** Opens what a request for approval can show, and the form of Reject. */
async function openEveryWindow(request: WorkspaceMessage): Promise<void> {
  const windows = actionIds(request).filter((id) => id.startsWith('look.'));
  expect(windows.length).toBeGreaterThan(1);
  for (const id of windows) await world.press(request, id, ben);
  await world.press(request, 'run.reject', ben);
  await eventuallyOnProduct('filled windows', async () => {
    const calls = (await world.product.workspace.control.log()).map(({ summary }) => summary);
    const filled = calls.filter((call) => call.includes('views.update')).length;
    return filled >= windows.length || undefined;
  });
}

describe(`${secrets.length} planted secrets`, () => {
  it('show in no Redis, log, message or process list, whatever fails', async () => {
    expect(secrets.length).toBe(60);
    const processes = watchProcessLists();
    await world.told(ann, () => world.type('run vault secrets'));
    const request = await world.requestOn('vault');
    await openEveryWindow(request);
    await world.press(request, 'run.approve', ben);
    const run = runOfText(await world.cardOf('Secrets · vault', 'print'));
    const isStuckAt = (id: string) =>
      eventuallyOnProduct(`a failure of ${id}`, () =>
        world.product.store(async (store) => {
          const state = (await store.load(run)).apply[id]?.get('ctl1');
          return state?.status === 'failed' ? state : undefined;
        }),
      );

    const failed = await isStuckAt('print');
    expect(failed.tail).toContain('told [REDACTED-');
    const shown = await world.told(ann, () => world.type(`log ${run} print`));
    await world.told(ben, () => world.type(`skip ${run} password=${reason} was wrong`, ben));
    const probe = await isStuckAt('probe');
    expect(probe.failure?.reason).toContain('exit 127');
    await world.told(ben, () => world.type(`skip ${run} seen`, ben));
    await eventuallyOnProduct('a person asked', () =>
      world.product.store(
        async (store) =>
          (await store.load(run)).apply['person']?.get('ctl1')?.status === 'asked' || undefined,
      ),
    );
    await world.told(ben, () =>
      world.type(`done ${run} login with password=${evidence} works`, ben),
    );
    await world.cardOf('Secrets · vault', 'succeeded');

    const sent = (await world.product.workspace.control.log())
      .filter(({ direction }) => direction === 'from_bot')
      .map((entry) => JSON.stringify(entry));
    const said = (await world.messages()).filter(
      ({ user }) => user === world.product.workspace.botUserId,
    );
    const replies = await Promise.all(said.map((message) => world.threadOf(message)));
    // The windows are among what is searched.
    expect(sent.some((entry) => /views\.update.*new\.conf/.test(entry))).toBe(true);
    const sinks = {
      redis: await redisOnDisk(),
      log: world.product.logs(),
      slack: [...sent, ...said.map(messageText), ...replies, shown].join('\n'),
      processes: await processes.stop(),
    };
    for (const [sink, text] of Object.entries(sinks)) {
      expect([sink, text.length > 1000]).toEqual([sink, true]);
      expect([sink, shownIn(text, secrets)]).toEqual([sink, []]);
    }
  }, 90_000);
});
