import { expect, it } from '@jest/globals';
import { planOf, step } from '../support/runs/events.ts';
import { realCore } from './core.ts';
import { playHistory } from './history.ts';
import type { SimMove } from './moves.ts';

const goOn = (rounds: number): SimMove => ({ do: 'goOn', rounds });
const host = (what: 'forgets' | 'goesBack'): SimMove => ({
  do: 'host',
  nth: 0,
  what,
  count: 0,
});
const storeGoesBack = (events: number): SimMove => ({
  do: 'storeGoesBack',
  events,
  losesJobs: false,
});
const retry: SimMove = {
  do: 'press',
  wishes: ['retry', 'fix'],
  who: 2,
  back: null,
  ago: 0,
  isTyped: true,
};

// Each broke "a step starts on a host at most once per attempt": too rare for the seeds that every run plays.
it.each<[string, readonly SimMove[]]>([
  [
    'two attempts are lost at once',
    [
      goOn(3),
      host('forgets'),
      goOn(0),
      retry,
      goOn(1),
      goOn(1),
      host('goesBack'),
      storeGoesBack(4),
    ],
  ],
  [
    'the retry that left numbers out is lost itself',
    [
      goOn(3),
      host('forgets'),
      goOn(0),
      storeGoesBack(1),
      goOn(1),
      goOn(1),
      host('goesBack'),
      storeGoesBack(2),
    ],
  ],
])('a history that was met: %s', (_what, moves) => {
  const plan = planOf(step('s0', { hosts: ['cmp1'], exit: 'restorable' }));
  const played = moves.map((move) => ({ ...move, luck: 0 }));

  expect(() =>
    playHistory(realCore, { plan, calm: 0, moves: played, ending: 'finish' }),
  ).not.toThrow();
});
