// Pictures of every message and window, in a real browser, at the width of a phone and of a desk. Exits 1 where one is cut,
// or where a message that people act on is higher than a phone shows at once.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, SocketModeReceiver } from '@slack/bolt';
import type { ModalView } from '@slack/types';
import type { Page } from 'playwright-core';
import { upgradesChannel } from '../../sandbox/slack/people.ts';
import { type LocalWorkspace, startWorkspace } from '../../sandbox/slack/slack.ts';
import { openBrowser, openPage, type PictureSize, takePicture } from './browser.ts';
import { type GalleryShot, galleryShots } from './shots.ts';

const widths = { phone: 390, desk: 1280 } as const;
const mostHeight = 1200;
const folder = join(import.meta.dirname, '../../gallery');
const only = process.argv.slice(2);

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Posts messages and opens windows as the product does, and knows nothing else. */
async function openApp({ botToken, appToken, apiUrl, control }: LocalWorkspace) {
  const app = new App({
    token: botToken,
    // A machine that draws pictures answers late: that is no reason to take the socket for lost.
    receiver: new SocketModeReceiver({
      appToken,
      clientPingTimeout: 60_000,
      installerOptions: { clientOptions: { slackApiUrl: apiUrl } },
    }),
    clientOptions: { slackApiUrl: apiUrl },
  });
  let next: ModalView | undefined;
  app.action(/.*/, async ({ ack, body, client }) => {
    await ack();
    if (next !== undefined && 'trigger_id' in body)
      await client.views.open({ trigger_id: body.trigger_id, view: next });
  });
  app.view(/.*/, async ({ ack }) => ack());
  await app.start();
  const channel = upgradesChannel.id;
  const post = async (message: { text: string; blocks: object[] }): Promise<string> => {
    const { ts } = await app.client.chat.postMessage({ channel, ...message });
    return ts ?? '';
  };
  return {
    post,
    open: async (modal: ModalView): Promise<void> => {
      next = modal;
      const text = { type: 'plain_text', text: 'Open' };
      const button = { type: 'button', action_id: 'open', text, value: '1' };
      const ts = await post({ text: 'Open', blocks: [{ type: 'actions', elements: [button] }] });
      await control.click({ user: 'U000000BEN', ts, actionId: 'open' });
    },
    stop: () => app.stop(),
  };
}

type GalleryApp = Awaited<ReturnType<typeof openApp>>;

/** What is wrong with one picture, in words. */
async function picture(shot: GalleryShot, app: GalleryApp, pages: Pages): Promise<string[]> {
  const selector = 'message' in shot ? `[data-ts="${await app.post(shot.message)}"]` : '.modal';
  if ('modal' in shot) await app.open(shot.modal);
  const wrong: string[] = [];
  for (const [name, page] of Object.entries(pages)) {
    await page.locator(selector).last().waitFor();
    const size = await takePicture(page, selector, join(folder, `${shot.name}-${name}.png`));
    wrong.push(...complaints(shot, name, size));
  }
  if ('modal' in shot)
    for (const page of Object.values(pages))
      await page
        .locator('.modal button', { hasText: /Close|Not now/ })
        .last()
        .click({ timeout: 2000 })
        .catch(() => {});
  return wrong;
}

type Pages = Readonly<Record<string, Page>>;

function complaints(shot: GalleryShot, width: string, { height, cut }: PictureSize): string[] {
  const isShown = 'message' in shot && shot.isBehind !== true;
  return [
    ...cut.map((text) => `${shot.name} at ${width}: cut: ${text}`),
    ...(isShown && width === 'phone' && height > mostHeight
      ? [`${shot.name}: ${height} px high, more than ${mostHeight}`]
      : []),
  ];
}

const dir = await mkdtemp(join(tmpdir(), 'gallery-'));
await mkdir(folder, { recursive: true });
const workspace = await startWorkspace({ dir });
const app = await openApp(workspace);
const browser = await openBrowser();
const wrong: string[] = [];
try {
  await app.post({ text: 'Gallery', blocks: [{ type: 'divider' }] });
  const pages: Record<string, Page> = {};
  for (const [name, width] of Object.entries(widths))
    pages[name] = await openPage(browser, workspace.url, width);
  const shots = galleryShots().filter(
    ({ name }) => only.length === 0 || only.some((part) => name.includes(part)),
  );
  for (const shot of shots) wrong.push(...(await picture(shot, app, pages)));
  say(
    `${shots.length} messages and windows, each at ${Object.values(widths).join(' and ')} px, in gallery/`,
  );
} finally {
  await browser.close();
  await app.stop();
  await workspace.stop();
  await rm(dir, { recursive: true });
}
for (const line of wrong) say(line);
say(
  wrong.length === 0
    ? 'nothing is cut, and nothing to act on is higher than a screen'
    : `${wrong.length} complaints`,
);
process.exitCode = wrong.length === 0 ? 0 : 1;
