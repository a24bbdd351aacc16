import { describe, expect, it } from '@jest/globals';
import type { InspectAnswer, InspectRequest } from '../../../jobs/redis/inspect-request.ts';
import { openCanaryProbe } from '../../../openstack/serving/probe-canary.ts';
import { largeCloud } from '../clouds-today.ts';

const cloud = largeCloud('yoga', 'jammy');
const canary = { from: 'ctl1', address: '10.0.0.5' };

async function look(answer: InspectAnswer[string] | Error, more = {}) {
  let asked: InspectRequest | undefined;
  const found = await openCanaryProbe(
    cloud,
    { ...canary, ...more },
    {
      look: async (_id, request) => {
        asked = request;
        if (answer instanceof Error) throw answer;
        return { ctl1: answer };
      },
      newId: () => 'x',
    },
  )();
  return { found, words: asked?.hosts['ctl1']?.commands[0]?.words };
}
const exit = (code: number) => ({ outputs: [{ exit: code, stdout: '', stderr: '' }] });

describe('a look at the canary instance', () => {
  it.each([
    ['a reply', exit(0), { is: 'up' }],
    ['no reply', exit(1), { is: 'down', why: 'no reply' }],
    ['a ping that does not work', exit(2), { is: 'notProbed', why: 'ping on ctl1: exit 2' }],
    [
      'a host that is silent',
      { problem: { message: 'no route', hint: '' } },
      { is: 'notProbed', why: 'ctl1 does not answer: no route' },
    ],
    [
      'no worker',
      new Error('no worker took it up'),
      { is: 'notProbed', why: 'no worker took it up' },
    ],
  ])('finds %s', async (_what, answer, found) => {
    expect((await look(answer)).found).toEqual(found);
  });

  it('pings once, in the network namespace that the file names', async () => {
    expect((await look(exit(0), { namespace: 'qdhcp-1' })).words).toEqual(
      'ip netns exec qdhcp-1 ping -c 1 -W 1 10.0.0.5'.split(' '),
    );
  });

  it('is not one where the file has no such host', async () => {
    const { found } = await look(exit(0), { from: 'moon' });

    expect(found).toMatchObject({ is: 'notProbed', why: expect.stringContaining('moon') });
  });
});
