import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type JunoProduct, startJunoProduct } from '../support/processes/juno-product.ts';

jest.setTimeout(600_000);

/** The story's own accident, and its fix without a restore: one cloud, one test after the other. */
describe('a Juno cloud on which somebody jumps straight to Liberty', () => {
  let juno: JunoProduct;

  beforeAll(async () => {
    juno = await startJunoProduct();
  });

  afterAll(() => juno.end());

  const revision = () => juno.lab.sql('SELECT version FROM nova.migrate_version');
  const packages = () => juno.lab.ask('ctl1', 'dpkg-query --show nova-api | cut -f 2');

  it('is refused by the schema sync before anything is touched, with the step that is missing', async () => {
    const steps = await juno.planned(
      'liberty',
      'liberty-repository',
      'liberty-nova-packages',
      'liberty-backup',
      'liberty-nova-schema',
    );
    const run = await juno.begin('straight-jump', steps);
    await juno.approve(run);
    const { says } = await juno.stuckCard(run);

    expect(says).toContain('✗ Failed: Liberty: nova-manage db sync');
    expect(says).toContain(
      'it is at revision 254, and the sync may begin from 280, or 281 to 301, where it was stopped: the sync of a release in between is missing',
    );
    expect(says).toContain(
      'First run the sync that leads nova to 280, with the programs of that release.',
    );
    expect(says).toContain('Then: nova-manage db migrate_flavor_data.');
    expect(await revision()).toEqual(['254']);
    const begun = (await juno.events(run)).flatMap((event) =>
      event.type === 'StepStarted' ? [event.work.step] : [],
    );
    expect(begun).not.toContain('liberty-nova-schema');

    await juno.type(`abort ${run}`);
    await juno.until(run, 'the end', ({ ended }) => ended !== undefined);
  });

  it('stops partway when the sync is typed by hand, which inspection names with what may be done', async () => {
    await juno.lab.fail('resizedInstances');
    const typed = await juno.lab.on('ctl1', 'runuser -u nova -- nova-manage db sync');
    expect(typed.stdout + typed.stderr).toContain('unmigrated flavor records');
    await juno.type('inspect juno-lab');
    const said = await juno.answer('Inspection of juno-lab');

    expect(said).toContain('✗ Database nova  between Kilo and Liberty: stopped at 290');
    expect(said).toContain(
      "What can be done: Run Kilo's migrate_flavor_data until nothing is left",
    );
    expect(said).toContain('`/upgrade heal juno-lab nova`');
    expect(await revision()).toEqual(['290']);
  });

  it('is healed forward without a restore, by force where instances are busy, and over a bot that dies', async () => {
    const run = await juno.start('heal juno-lab');
    await juno.approve(run);

    const failed = await juno.stuckCard(run);
    expect(failed.says).toContain('What it is  Some instances kept their old flavor record');
    await juno.press(failed.message, 'run.fix.2');
    const answer = await juno.answer('Fix chosen; the approvers are asked first.');
    expect(answer).toContain('migrate_flavor_data --max-number 1000 --force');
    await juno.product.killBot();
    await juno.press(failed.message, 'run.fix.2');
    expect(await juno.answer('Nothing was done')).toContain('did that already');
    expect(await juno.lab.ask('ctl1', 'flavors')).toBe('3');

    await juno.approve(run);
    const done = await juno.until(run, 'the end', ({ ended }) => ended !== undefined);
    expect(done.ended?.outcome).toBe('succeeded');
    expect(await revision()).toEqual(['302']);
    expect(await juno.lab.ask('ctl1', 'flavors')).toBe('0');
    expect(await packages()).toContain('2:12.0.6');
    expect(
      await juno.lab.ask('ctl1', 'service nova-api status; status http://127.0.0.1:8774/'),
    ).toContain('200');
  });
});
