import { describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.ts';
import { botsOnSockets } from '../../support/slack/socket-bots.ts';

const slack = botsOnSockets();

/** What the log says once Slack closes the socket for a reason, and says so twice. */
async function saidAfter(reason: string): Promise<Record<string, unknown>[]> {
  await slack.start();
  slack.proxy.say({ type: 'disconnect', reason });
  slack.proxy.say({ type: 'disconnect', reason });
  const found = (): Record<string, unknown>[] =>
    slack.lines.map((line) => JSON.parse(line)).filter((line) => line['reason'] === reason);
  await eventually(() => found().length > 0);
  // Else the local Slack would be waited for, which never ends a socket itself.
  slack.proxy.cut();
  return found();
}

describe('a socket that Slack closes', () => {
  it.each([
    ['too_many_websockets', 40, 'the app has more than ten of them', 'SLACK_APP_TOKEN'],
    ['link_disabled', 40, 'Socket Mode is switched off', '"Socket Mode" of the Slack app'],
    ['refresh_requested', 30, 'slack wants a new socket', undefined],
  ])('for %s is told once, with what to do', async (reason, level, says, hint) => {
    const [said, ...more] = await saidAfter(reason);

    expect(said).toMatchObject({ level, msg: expect.stringContaining(says) });
    if (hint !== undefined) expect(said).toMatchObject({ hint: expect.stringContaining(hint) });
    expect(more).toEqual([]);
  });
});
