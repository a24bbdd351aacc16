import { describe, expect, it } from '@jest/globals';
import type { InspectAnswer, InspectRequest } from '../../../jobs/redis/inspect-request.ts';
import { fileDiffs } from '../../../openstack/upgrade/file-diffs.ts';
import { planned } from '../../support/openstack/planned.ts';

const write = (
  path: string,
  content: string,
  on: readonly string[] = ['cmp1', 'cmp2', 'ctl1'],
) => ({
  kind: 'file',
  on,
  params: { path, content },
});
const plan = planned([
  { kind: 'service', on: 'ctl1', params: { name: 'nova-api', state: 'stopped' } },
  write('/etc/nova.conf', '[DEFAULT]\nworkers = 2\npassword = hush\n'),
  write('/etc/new', 'x\n', ['ctl1']),
]);

const file = (content: string): string =>
  `file 644 0 0\nroot\nroot\n${Buffer.from(content).toString('base64')}\n`;
const out = (stdout: string) => ({ exit: 0, stdout, stderr: '' });

const answered = async (answer: InspectAnswer) => {
  const asked: InspectRequest[] = [];
  const diffs = await fileDiffs(plan, plan.steps, async (_id, request) => {
    asked.push(request);
    return answer;
  });
  return { asked, diffs };
};

describe('what steps change in files', () => {
  it('is a diff against each host as it is now, the same on many hosts once, without secrets', async () => {
    const old = out(file('[DEFAULT]\nworkers = 1\npassword = secret1\n'));
    const { diffs, asked } = await answered({
      cmp1: { outputs: [old] },
      cmp2: { outputs: [old] },
      ctl1: { outputs: [out('absent\n'), out('absent\n')] },
    });

    expect(asked.map(({ hosts }) => Object.keys(hosts).toSorted())).toEqual([
      ['cmp1', 'cmp2', 'ctl1'],
    ]);
    expect(diffs).toMatchObject([
      { step: 2, hosts: ['ctl1'], changes: expect.stringContaining('+workers = 2') },
      {
        step: 2,
        hosts: ['cmp1', 'cmp2'],
        changes: expect.stringMatching(/-workers = 1[^]*\+workers = 2/),
      },
      { step: 3, says: 'write /etc/new', hosts: ['ctl1'], changes: expect.stringContaining('+x') },
    ]);
    expect(JSON.stringify(diffs)).not.toMatch(/hush|secret1/);
  });

  it('says of which host nobody knows', async () => {
    const { diffs } = await answered({
      cmp1: { problem: { message: 'reaching cmp1: no answer', hint: '' } },
      cmp2: { outputs: [out('symlink\n')] },
      ctl1: { outputs: [out('absent\n'), out('absent\n')] },
    });

    expect(diffs.filter(({ problem }) => problem !== undefined)).toMatchObject([
      { step: 2, hosts: ['cmp1'], problem: 'reaching cmp1: no answer' },
      { step: 2, hosts: ['cmp2'], problem: expect.stringContaining('/etc/nova.conf') },
    ]);
  });
});
