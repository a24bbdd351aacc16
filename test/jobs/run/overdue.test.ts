import { expect, it } from '@jest/globals';
import { refuseOverduePress } from '../../../jobs/run/overdue.ts';

const at = '2026-11-30T19:00:00.000Z';

it('does what came in up to five minutes ago, and says that anything older was left', () => {
  expect(() => refuseOverduePress({ at }, '2026-11-30T19:05:00.000Z')).not.toThrow();
  expect(() => refuseOverduePress({ at }, '2026-11-30T19:05:00.001Z')).toThrow(
    'Hopscotch was away when this came in at 2026-11-30T19:00:00.000Z, so nothing was done',
  );
});
