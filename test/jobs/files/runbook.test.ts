import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  hostsOnCloud,
  listRunbooks,
  loadRunbook,
  parseDuration,
} from '../../../jobs/files/runbook.ts';
import { problemsOf } from '../../support/bad-file.ts';

const good = `title: Restart the API
steps:
  - id: stop
    title: Stop it
    kind: command
    on: [api, lb1]
    params: { run: [service, api, stop], undo: [[service, api, start]] }
    batch: 1
    timeout: 90s
    approval: 2
  - id: start
    title: Start it
    kind: command
    on: all
    params:
      run: [service, api, start]
`;

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'runbooks-'));
});
afterEach(() => rm(dir, { recursive: true }));

async function load(text: string) {
  await writeFile(join(dir, 'restart.yaml'), text);
  return loadRunbook(dir, 'restart');
}

function problems(from: string, to: string): Promise<string[]> {
  expect(good).toContain(from);
  return problemsOf(load(good.replace(from, to)), dir);
}

describe('a runbook file', () => {
  it('is read with its name and defaults, durations as they were written', async () => {
    expect(await load(good)).toEqual({
      name: 'restart',
      title: 'Restart the API',
      steps: [
        {
          id: 'stop',
          title: 'Stop it',
          kind: 'command',
          on: ['api', 'lb1'],
          params: { run: ['service', 'api', 'stop'], undo: [['service', 'api', 'start']] },
          batch: 1,
          maxFailures: 0,
          timeout: '90s',
          approval: 2,
        },
        {
          id: 'start',
          title: 'Start it',
          kind: 'command',
          on: 'all',
          params: { run: ['service', 'api', 'start'] },
          maxFailures: 0,
        },
      ],
    });
  });

  it.each([
    [
      'another name than its file',
      'title: Restart the API',
      'name: other\ntitle: x',
      'restart.yaml:1:7: name: found "other" (string), expected restart, as the file is called',
    ],
    [
      'no steps',
      good.slice(good.indexOf('steps:')),
      'steps: []\n',
      'restart.yaml:2:8: steps: found a list, expected at least 1 entry',
    ],
    [
      'an id that two steps share',
      'id: start',
      'id: stop',
      'restart.yaml:11:9: steps[1].id: found "stop" (string), expected an id of its own: steps[0] has it',
    ],
    [
      'an id with spaces',
      'id: stop',
      'id: Stop it',
      'restart.yaml:3:9: steps[0].id: found "Stop it" (string), expected 1 to 40 lower-case letters, digits and dashes, beginning with a letter or digit',
    ],
    [
      'a wrong type inside of params',
      'run: [service, api, start]',
      'run: [service, 3, start]',
      'restart.yaml:16:22: steps[1].params.run[1]: found 3 (number), expected a string: put it in quotes, "3"',
    ],
    [
      'a misspelt key inside of params',
      '      run: [service, api, start]',
      '      runs: [service, api, start]',
      'restart.yaml:16:7: steps[1].params.runs: found runs (unknown key), did you mean run?',
    ],
    [
      'a missing key inside of params',
      '      run: [service, api, start]',
      '      user: root',
      'restart.yaml:16:7: steps[1].params.run: missing, expected a list',
    ],
    [
      'no params',
      '    params:\n      run: [service, api, start]\n',
      '',
      'restart.yaml:11:5: steps[1].params: missing, expected a mapping',
    ],
    [
      'a duration without unit',
      '90s',
      '90',
      'restart.yaml:9:14: steps[0].timeout: found 90 (number), expected a string: put it in quotes, "90"',
    ],
    [
      'a duration in words',
      '90s',
      '90 seconds',
      'restart.yaml:9:14: steps[0].timeout: found "90 seconds" (string), expected a duration such as 90s, 10m or 2h, of 168h at most',
    ],
    [
      'a duration past a week',
      '90s',
      '169h',
      'restart.yaml:9:14: steps[0].timeout: found "169h" (string), expected a duration such as 90s, 10m or 2h, of 168h at most',
    ],
    [
      'a batch of nobody',
      'batch: 1',
      'batch: 0',
      'restart.yaml:8:12: steps[0].batch: found 0 (number), expected at least 1',
    ],
    [
      'a negative number of failures',
      'batch: 1',
      'maxFailures: -1',
      'restart.yaml:8:18: steps[0].maxFailures: found -1 (number), expected at least 0',
    ],
    [
      'an approval by nobody',
      'approval: 2',
      'approval: 0',
      'restart.yaml:10:15: steps[0].approval: found 0 (number), expected at least 1',
    ],
    [
      'an approval in words',
      'approval: 2',
      'approval: yes',
      'restart.yaml:10:15: steps[0].approval: found "yes" (string), expected true or false or a number',
    ],
    [
      'a step that runs nowhere',
      'on: [api, lb1]',
      'on: []',
      'restart.yaml:6:9: steps[0].on: found a list, expected at least 1 entry',
    ],
    [
      'a place that is no word',
      'on: all',
      'on: 7',
      'restart.yaml:14:9: steps[1].on: found 7 (number), expected a string or a list',
    ],
  ])('refuses %s', async (_what, from, to, expected) => {
    expect(await problems(from, to)).toContain(expected);
  });

  it('refuses an unknown kind and names the known ones', async () => {
    expect(await problems('kind: command', 'kind: comand')).toEqual([
      expect.stringMatching(
        /^restart\.yaml:5:11: steps\[0\]\.kind: found "comand" \(string\), expected .*\bcommand\b/,
      ),
    ]);
  });

  it('lists the shared ids beside every other problem', async () => {
    const text = good.replace('id: start', 'id: stop').replace('batch: 1', 'batch: x');
    await expect(load(text)).rejects.toThrow(
      [
        `reading ${dir}/restart.yaml: 2 problems`,
        `${dir}/restart.yaml:8:12: steps[0].batch: found "x" (string), expected a number`,
        `${dir}/restart.yaml:11:9: steps[1].id: found "stop" (string), expected an id of its own: steps[0] has it`,
      ].join('\n'),
    );
  });
});

describe('the runbooks of a folder', () => {
  it('are listed, and named when one is asked for that is not there', async () => {
    await load(good);
    await writeFile(join(dir, 'runbook.schema.json'), '{}');

    expect(await listRunbooks(dir)).toEqual(['restart']);
    await expect(loadRunbook(dir, 'restat')).rejects.toMatchObject({
      name: 'UnknownRunbook',
      message: `there is no runbook "restat" in ${dir}; there is restart`,
      hint: 'Did you mean restart?',
    });
  });
});

const host = (...roles: string[]) => ({ address: '192.0.2.1', roles });

describe('the hosts of a step', () => {
  const cloud = {
    name: 'prod',
    hosts: {
      cmp1: host('compute'),
      ctl1: host('control', 'api'),
      cmp2: host('compute'),
      lb1: host(),
    },
  };

  it.each([
    ['all', ['cmp1', 'ctl1', 'cmp2', 'lb1']],
    ['compute', ['cmp1', 'cmp2']],
    ['lb1', ['lb1']],
    [
      ['lb1', 'compute', 'cmp2'],
      ['cmp1', 'cmp2', 'lb1'],
    ],
    [['api', 'control'], ['ctl1']],
    [
      ['all', 'api'],
      ['cmp1', 'ctl1', 'cmp2', 'lb1'],
    ],
  ])('for %j are %j, in the order of the cloud', (on, expected) => {
    expect(hostsOnCloud(cloud, on)).toEqual(expected);
  });

  it.each([
    ['computes', 'Did you mean compute?'],
    ['database', 'Use all, one of these roles or one of these hosts.'],
    ['constructor', 'Use all, one of these roles or one of these hosts.'],
  ])('cannot be told for %s', (word, hint) => {
    expect(() => hostsOnCloud(cloud, ['all', word])).toThrow(
      expect.objectContaining({
        name: 'UnknownPlace',
        message: `looking for ${word} in cloud prod: neither a role (api, compute, control) nor a host (cmp1, ctl1, cmp2, lb1)`,
        hint,
      }),
    );
  });
});

describe('a duration', () => {
  it.each([
    ['90s', 90_000],
    ['10m', 600_000],
    ['2h', 7_200_000],
    ['168h', 604_800_000],
  ])('%s is %i ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', '0s', '1', 's', '-1s', '1.5h', '1d', '1h30m', ' 1s', '1s\n', '604801s', '١s'])(
    'is not %j',
    (text) => {
      expect(() => parseDuration(text)).toThrow(
        `reading the duration ${JSON.stringify(text)}: it is none`,
      );
    },
  );
});
