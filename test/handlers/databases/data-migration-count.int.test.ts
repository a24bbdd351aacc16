import { beforeEach, describe, expect, it } from '@jest/globals';
import { messageOf, moveOne, novaSchema } from '../../support/openstack/nova-schema.ts';

const nova = novaSchema();

describe('data-migration, by a count', () => {
  beforeEach(() => {
    nova.db.sql('INSERT INTO flavors VALUES (2), (3)', 'nova');
  });

  it('goes on until nothing is left, and says what is left after each round', async () => {
    nova.release('2015.1.4', moveOne);
    const step = nova.migration();

    expect(await step.apply()).toMatchObject({
      exit: 0,
      stdout: [
        'before: 3 unmigrated flavors',
        'round 1: 2 unmigrated flavors left',
        'round 2: 1 unmigrated flavors left',
        'round 3: 0 unmigrated flavors left',
        'done: 0 unmigrated flavors left\n',
      ].join('\n'),
    });
    expect(await step.isDone()).toBe(true);
    expect(await nova.migration().apply()).toBe('unchanged');
  });

  it.each([
    [
      'a round makes no progress',
      'DELETE FROM flavors WHERE id = 3',
      '',
      9,
      /round 1: 2 .*\n/,
      /round 2 made no progress: 2 unmigrated flavors left/,
    ],
    [
      'a round adds to it',
      'INSERT INTO flavors VALUES (9)',
      '',
      9,
      /before/,
      /round 1 made no progress: 4 unmigrated flavors left/,
    ],
    [
      'the rounds are used up',
      moveOne,
      '',
      2,
      /round 2: 1 /,
      /1 unmigrated flavors left after 2 rounds, and no more are allowed/,
    ],
    [
      'a round fails',
      moveOne,
      '; exit 4',
      9,
      /before/,
      /round 1: nova-manage ended with exit 4, with 3 unmigrated flavors before it/,
    ],
  ])('ends when %s', async (_what, sql, then, maxRounds, stdout, stderr) => {
    nova.release('2015.1.4', sql, then);
    const step = nova.migration({ maxRounds });

    expect(await step.apply()).toMatchObject({
      exit: 1,
      stdout: expect.stringMatching(stdout),
      stderr: expect.stringMatching(stderr),
    });
    expect(await step.isDone()).toBe(false);
  });

  it('takes the exit codes that the runbook names', async () => {
    nova.release('2015.1.4', moveOne, '; exit 1');

    expect(await nova.migration({ okExits: [0, 1] }).apply()).toMatchObject({ exit: 0 });
  });

  it('refuses the program of a release that has no such command', async () => {
    nova.release('12.0.6', moveOne);

    await expect(messageOf(nova.migration().apply())).resolves.toMatch(
      /it needs a program of Kilo/,
    );
    expect(nova.db.sql('SELECT COUNT(*) FROM nova.flavors')).toBe('3\n');
  });
});
