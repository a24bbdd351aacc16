import type { CloudDesk } from '../../bot/desk/desk.ts';
import { knownTimes } from '../../jobs/run/durations/estimates.ts';

/** A desk that acts on runs and knows nothing else: whatever else is asked of it is an error. */
export const bareDesk = (
  given: Pick<CloudDesk, 'store' | 'access' | 'loadCloud' | 'now'> & Partial<CloudDesk>,
): CloudDesk => ({
  queues: { decideAgain: async () => {}, card: async () => {} },
  listClouds: notHere,
  listRunbooks: notHere,
  loadRunbook: notHere,
  readOutput: notHere,
  outputFiles: { read: notHere, post: notHere, ask: notHere },
  checkChannel: notHere,
  knowledge: {} as CloudDesk['knowledge'],
  plans: { draw: notHere, drawWords: notHere },
  upgrades: {
    inspect: notHere,
    plan: notHere,
    start: notHere,
    heal: notHere,
    run: notHere,
    diffs: notHere,
  },
  unlocking: { look: notHere, agree: notHere },
  noWorkerSince: async () => undefined,
  post: notHere,
  whyUnreadable: async () => undefined,
  recognise: () => undefined,
  troubles: async () => [],
  countLost: async () => undefined,
  times: { of: async () => knownTimes([], ''), learn: async () => {} },
  dates: 'plain',
  ...given,
});

const notHere = (): never => {
  throw new Error('nobody asks for this here');
};
