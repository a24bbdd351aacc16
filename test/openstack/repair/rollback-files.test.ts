import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import type { Cloud } from '../../../jobs/files/cloud.ts';
import { CloudFacts } from '../../../openstack/cloud/facts.ts';
import { planUpgrade, type UpgradeRequest } from '../../../openstack/plan/planner.ts';
import { hostsOnCloud, type Runbook, type StepSpec } from '../../../jobs/files/runbook.ts';
import { smallCloud } from '../clouds-today.ts';
import { junoCloud as juno, planJuno } from '../juno-cloud.ts';
import { knowledge } from '../known.ts';
import { labCloud, planLab } from '../lab-cloud.ts';

const Params = z.looseObject({
  path: z.string().optional(),
  paths: z.array(z.string()).default([]),
  name: z.string().default(''),
  state: z.string().default(''),
  units: z.array(z.string()).default([]),
  restart: z.boolean().default(true),
});

const writers = ['config', 'config-option', 'file', 'nova-pin'];

/** By the folder under /etc: the units that read its files when they start. */
const readers: Readonly<Record<string, RegExp>> = {
  nova: /^nova-/,
  neutron: /^neutron-/,
  keystone: /^(keystone|apache2)$/,
  apache2: /^apache2$/,
  'openstack-dashboard': /^apache2$/,
};

/** What files are there, and what they were when each unit that runs was started. */
class Files {
  readonly #there = new Map<string, string>();
  readonly #read = new Map<string, ReadonlyMap<string, string>>();

  start(host: string, unit: string): void {
    this.#read.set(`${host} ${unit}`, new Map(this.#there));
  }

  /** Does what a step does on a host, and answers what undoes it. */
  apply({ id, kind, params }: StepSpec, host: string): () => void {
    const { path, paths, name, state, units, restart } = Params.parse(params);
    if (kind === 'service') return this.#turn(host, name, state);
    if (!writers.includes(kind)) return () => {};
    const keys = [...(path === undefined ? [] : [path]), ...paths].map((one) => `${host} ${one}`);
    const was = keys.map((key) => [key, this.#there.get(key) ?? 'as before'] as const);
    const old = new Map(units.map((unit) => [unit, this.#read.get(`${host} ${unit}`)]));
    for (const [key] of was) this.#there.set(key, id);
    const again = (some: readonly string[]): void => {
      for (const unit of some) if (this.#read.has(`${host} ${unit}`)) this.start(host, unit);
    };
    if (restart) again(units);
    return () => {
      for (const [key, content] of was) this.#there.set(key, content);
      again(units.filter((unit) => this.#read.get(`${host} ${unit}`) !== old.get(unit)));
    };
  }

  #turn(host: string, unit: string, state: string): () => void {
    const key = `${host} ${unit}`;
    const ran = this.#read.has(key);
    if (state === 'stopped') this.#read.delete(key);
    else if (state === 'restarted' || !ran) this.start(host, unit);
    return () => {
      if (ran === this.#read.has(key)) return;
      if (ran) this.start(host, unit);
      else this.#read.delete(key);
    };
  }

  /** Units that run with another file than is there. */
  astray(): string[] {
    return [...this.#read].flatMap(([place, read]) => {
      const [host = '', unit = ''] = place.split(' ');
      return [...this.#there]
        .filter(([key]) => key.startsWith(`${host} `))
        .filter(([key]) => readers[key.split('/')[2] ?? '']?.test(unit))
        .filter(([key, content]) => (read.get(key) ?? 'as before') !== content)
        .map(([key, content]) => `${unit} on ${key}: ${read.get(key)}, there is ${content}`);
    });
  }
}

const ofToday = (cloud: Cloud, change: Pick<UpgradeRequest, 'target' | 'codename'>) =>
  [cloud, planUpgrade({ knowledge, cloud, facts: CloudFacts.parse({}), ...change })] as const;

describe('the rollback of files', () => {
  it.each<[string, readonly [Cloud, Runbook]]>([
    ['Juno to Liberty', [juno, planJuno()]],
    ['Zed to Epoxy', [labCloud, planLab()]],
    [
      'Yoga to Zed',
      ofToday(smallCloud('yoga', 'bullseye'), { target: 'zed', codename: 'bookworm' }),
    ],
    ['Epoxy to Gazpacho', ofToday(smallCloud('epoxy', 'trixie'), { target: 'gazpacho' })],
  ])('of %s leaves nothing running with another one than is there', (_, [cloud, { steps }]) => {
    const stopped = steps.flatMap(({ kind, params, on }) => {
      const { name, state } = Params.parse(params);
      const isThere = kind === 'service' && state !== 'started';
      return isThere ? hostsOnCloud(cloud, on).map((host) => [host, name] as const) : [];
    });
    expect(steps.filter(({ kind }) => writers.includes(kind))).not.toEqual([]);

    for (const [far] of steps.entries()) {
      const files = new Files();
      for (const [host, unit] of stopped) files.start(host, unit);
      const undo = steps
        .slice(0, far + 1)
        .flatMap((step) => hostsOnCloud(cloud, step.on).map((host) => files.apply(step, host)));
      for (const back of undo.toReversed()) back();

      expect([steps[far]?.id, files.astray()]).toEqual([steps[far]?.id, []]);
    }
  });
});
