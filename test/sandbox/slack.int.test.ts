import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import bolt from '@slack/bolt';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pretendPeople, upgradesChannel } from '../../sandbox/slack/people.ts';
import { startWorkspace, type LocalWorkspace } from '../../sandbox/slack/slack.ts';

describe('pretend workspace', () => {
  let dir: string;
  let workspace: LocalWorkspace;
  let app: bolt.App;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'workspace-'));
    workspace = await startWorkspace({ dir });
    app = pressable({
      token: workspace.botToken,
      appToken: workspace.appToken,
      socketMode: true,
      clientOptions: { slackApiUrl: workspace.apiUrl },
    });
    await app.start();
  });

  afterEach(() => workspace.control.reset());

  afterAll(async () => {
    await app.stop();
    await workspace.stop();
    await rm(dir, { recursive: true });
  });

  const posted = (text: string) =>
    workspace.waitFor((messages) => messages.find((message) => message.text === text), {
      what: `the message ${JSON.stringify(text)}`,
    });

  it('brings a command to the app and its message back to the channel', async () => {
    await workspace.control.command({ user: pretendPeople.ann.id, text: 'plan "x"' });

    expect(await posted(`${pretendPeople.ann.id} typed plan "x"`)).toMatchObject({
      channel: upgradesChannel.id,
      user: workspace.botUserId,
    });
    const calls = (await workspace.control.log()).map(({ summary }) => summary);
    expect(calls.filter((call) => call === 'chat.postMessage')).toHaveLength(1);
  });

  it('carries a click by another user, with the value of the button', async () => {
    await workspace.control.command({ user: pretendPeople.ann.id, text: 'go' });
    const { ts } = await posted(`${pretendPeople.ann.id} typed go`);

    await workspace.control.click({ user: pretendPeople.ben.id, ts, actionId: 'run.approve' });

    const reply = await posted(`${pretendPeople.ben.id} pressed 42`);
    expect(await workspace.control.thread(ts)).toEqual([reply]);
  });

  it('names the buttons that there are when one is asked for that is not', async () => {
    await workspace.control.command({ user: pretendPeople.ann.id, text: 'go' });
    const { ts } = await posted(`${pretendPeople.ann.id} typed go`);

    await expect(
      workspace.control.click({ user: pretendPeople.ben.id, ts, actionId: 'run.reject' }),
    ).rejects.toThrow(`message ${ts} has no button run.reject; it has: run.approve, run.explain`);
  });

  it('submits a modal, and tells what the app found wrong with it', async () => {
    await workspace.control.command({ user: pretendPeople.ann.id, text: 'go' });
    const { ts } = await posted(`${pretendPeople.ann.id} typed go`);
    await workspace.control.click({ user: pretendPeople.ben.id, ts, actionId: 'run.explain' });
    const submit = (value: string) =>
      workspace.submitModal({
        user: pretendPeople.ben.id,
        values: { reason: { text: { type: 'plain_text_input', value } } },
      });

    expect(await submit('')).toEqual({ errors: { reason: 'Say why' } });
    expect(await submit('because '.repeat(40))).toEqual({});

    await posted(`${pretendPeople.ben.id} says ${'because '.repeat(40)}`);
    await expect(submit('again')).rejects.toThrow('no modal is open to submit');
  });

  it('listens on the loopback only', async () => {
    const port = workspace.port.toString(16).toUpperCase().padStart(4, '0');
    const listening = (await Promise.all(['tcp', 'tcp6'].map(listeners))).flat();

    expect(listening.filter((address) => address.endsWith(`:${port}`))).toEqual([
      `0100007F:${port}`,
    ]);
  });

  it('says that a port is taken', async () => {
    await expect(
      startWorkspace({ dir: join(dir, 'second'), port: workspace.port }),
    ).rejects.toMatchObject({ name: 'PortTaken' });
  });
});

describe('pretend workspace with events by HTTP', () => {
  it('reaches the port of the app from where it is shut in, signed', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'workspace-'));
    const token = 'xoxb-sandbox';
    const receiver = new bolt.HTTPReceiver({ signingSecret: 'sandbox-signing-secret' });
    const first = await receiver.start(0);
    const address = first.address();
    const requestPort = typeof address === 'object' && address !== null ? address.port : 0;
    const workspace = await startWorkspace({ dir, requestPort });
    pressable({ token, receiver, clientOptions: { slackApiUrl: workspace.apiUrl } });

    await workspace.control.command({ user: pretendPeople.ann.id, text: 'by HTTP' });

    await workspace.waitFor(
      (messages) => messages.some(({ text }) => text === `${pretendPeople.ann.id} typed by HTTP`),
      { what: 'the answer' },
    );
    await receiver.stop();
    await workspace.stop();
    await rm(dir, { recursive: true });
  });
});

/** An app that says what it was told. */
function pressable(options: bolt.AppOptions): bolt.App {
  const app = new bolt.App({ logLevel: bolt.LogLevel.ERROR, ...options });
  app.command('/upgrade', async ({ ack, command, client }) => {
    await ack();
    await client.chat.postMessage({
      channel: command.channel_id,
      text: `${command.user_id} typed ${command.text}`,
      blocks: [
        {
          type: 'actions',
          block_id: 'buttons',
          elements: [button('run.approve', '42'), button('run.explain', '')],
        },
      ],
    });
  });
  app.action<bolt.BlockAction<bolt.ButtonAction>>(
    'run.approve',
    async ({ ack, body, action, client }) => {
      await ack();
      await client.chat.postMessage({
        channel: upgradesChannel.id,
        thread_ts: body.message!.ts,
        text: `${body.user.id} pressed ${action.value}`,
      });
    },
  );
  app.action<bolt.BlockAction>('run.explain', async ({ ack, body, client }) => {
    await ack();
    await client.views.open({ trigger_id: body.trigger_id, view: modal });
  });
  app.view('explain', async ({ ack, body, view, client }) => {
    const value = view.state.values['reason']?.['text']?.value;
    if (!value) return ack({ response_action: 'errors', errors: { reason: 'Say why' } });
    await ack();
    await client.chat.postMessage({
      channel: upgradesChannel.id,
      text: `${body.user.id} says ${value}`,
    });
  });
  return app;
}

const plain = (text: string) => ({ type: 'plain_text' as const, text });

const button = (action_id: string, value: string) => ({
  type: 'button' as const,
  text: plain(action_id),
  action_id,
  value,
});

const modal = {
  type: 'modal' as const,
  callback_id: 'explain',
  title: plain('Why'),
  submit: plain('Send'),
  blocks: [
    {
      type: 'input' as const,
      block_id: 'reason',
      label: plain('Reason'),
      element: { type: 'plain_text_input' as const, action_id: 'text' },
    },
  ],
};

/** Local addresses of the listening sockets, as the kernel writes them. */
async function listeners(family: string): Promise<string[]> {
  const table = await readFile(`/proc/net/${family}`, 'utf8');
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .flatMap(([, local, , state]) => (state === '0A' && local !== undefined ? [local] : []));
}
