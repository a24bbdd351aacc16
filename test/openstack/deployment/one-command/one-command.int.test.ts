import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cloud } from '../../../../jobs/files/cloud.ts';
import { Runbook } from '../../../../jobs/files/runbook.ts';
import { composePlan } from '../../../../jobs/run/compose.ts';
import { CloudFacts } from '../../../../openstack/cloud/facts.ts';
import { deployments } from '../../../../openstack/deployment/deployments.ts';
import { planUpgrade } from '../../../../openstack/plan/planner.ts';
import { type PretendHosts, startHosts } from '../../../../sandbox/hosts/hosts.ts';
import { type RunningEngine, runningEngine } from '../../../support/processes/running.ts';
import { knowledge } from '../../known.ts';
import { oneCommand } from './one-command.ts';

jest.setTimeout(60_000);

const specs = [
  { name: 'tool1', roles: ['tool'] },
  { name: 'ctl1', roles: ['control'] },
];

/** Keeps the cloud's release in a file, and tells what it was asked. */
const tool = `echo "$*" >>/srv/asked
case $1 in upgrade) echo "$2" >/srv/release ;; has) [ "$2" = antelope ] ;; esac
`;

let dir: string;
let hosts: PretendHosts;
let engine: RunningEngine;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'one-command-'));
  [hosts, engine] = await Promise.all([startHosts({ dir, hosts: specs }), runningEngine()]);
  await hosts.exec('tool1', 'mkdir -p /srv; cat >/srv/one-command; echo zed >/srv/release', tool);
});

afterAll(async () => {
  await engine.stop();
  await hosts.stop();
  await rm(dir, { recursive: true });
});

const cloudOn = ({ user, keyPath, knownHostsPath, port, hosts: all }: PretendHosts): Cloud =>
  Cloud.parse({
    name: 'one',
    environment: 'verification',
    series: 'zed',
    channel: 'C012ABCDEF',
    ssh: { user, port, key: keyPath, knownHosts: knownHostsPath, become: false },
    hosts: Object.fromEntries(all.map(({ name, address, roles }) => [name, { address, roles }])),
    access: { engineers: ['U0ANN'], approvers: ['U0BEN'] },
    services: {
      deployment: { tool: 'one-command', on: 'tool1' },
      database: { on: 'ctl1', defaultsFile: '/root/my.cnf', backups: '/srv/backups' },
      openstack: {
        keystone: { parts: { api: 'control' } },
        nova: { parts: { control: 'control', compute: 'control' } },
      },
    },
  });

it('a hop is planned and run by a deployment that nothing else knows of', async () => {
  const cloud = cloudOn(hosts);
  const { overview: _overview, ...runbook } = planUpgrade({
    knowledge,
    cloud,
    facts: CloudFacts.parse({}),
    target: 'antelope',
    deployments: [...deployments, oneCommand],
  });
  const plan = composePlan(cloud, Runbook.parse(runbook), 'openstack:2023.1');
  engine.startWorker();

  const id = await engine.begin(plan);
  await engine.approve(id);
  const run = await engine.until(id, 'ended', ({ ended }) => ended !== undefined);

  expect(runbook.steps.map(({ title, on }) => [title, on])).toEqual([
    ['Antelope: one-command has antelope', 'tool1'],
    ['Antelope: one-command upgrade antelope', 'tool1'],
    ['Antelope: one-command backup zed', 'tool1'],
  ]);
  expect(run.ended?.outcome).toBe('succeeded');
  expect((await hosts.exec('tool1', 'cat /srv/release /srv/asked')).stdout).toBe(
    'antelope\nhas antelope\nupgrade antelope\nbackup zed\n',
  );
});

it('a cloud file that names no known tool is refused', () => {
  expect(() =>
    planUpgrade({
      knowledge,
      cloud: cloudOn(hosts),
      facts: CloudFacts.parse({}),
      target: 'antelope',
    }),
  ).toThrow(expect.objectContaining({ name: 'UnknownTool' }));
});
