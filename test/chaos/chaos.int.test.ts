import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Injection } from './cells.ts';
import { type ChaosParts, startChaosParts } from './parts.ts';
import { productEntrance } from '../support/processes/entrance.ts';
import { playChaos } from './play.ts';

let parts: ChaosParts;

beforeAll(async () => {
  const entrance = await productEntrance();
  parts = await startChaosParts({ world: 'single', hosts: 2, bots: 1, workers: 2, entrance });
}, 240_000);

afterAll(() => parts.stop(), 90_000);

const injections: readonly Injection[] = [
  { phase: 'gate', fault: 'Slack loses replies', step: 0, host: 0 },
  { phase: 'before start', fault: 'Redis killed', step: 0, host: 0 },
  { phase: 'running', fault: 'workers killed', step: 0, host: 1 },
  { phase: 'ended unread', fault: 'link cut', step: 1, host: 0 },
  { phase: 'running', fault: 'host forgot the step', step: 2, host: 1 },
  { phase: 'rollback', fault: 'sshd restarted', step: 1, host: 1 },
];

it('a run goes there and back through faults, and its hosts say the same as its log', async () => {
  const { broken, made } = await playChaos(parts, { seed: 1, steps: 3, injections });

  expect(broken).toEqual([]);
  expect(new Set(made)).toEqual(new Set(injections));
}, 240_000);
