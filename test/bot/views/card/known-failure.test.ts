import { describe, expect, it } from '@jest/globals';
import { runCard } from '../../../../bot/views/card/run-card.ts';
import { moreModal } from '../../../../bot/views/card/more-modal.ts';
import { checkModalLimits } from '../../../../bot/views/limits.ts';
import { threadLines } from '../../../../bot/views/thread/thread.ts';
import { fold } from '../../../../jobs/run/fold.ts';
import { failureRecogniser } from '../../../../openstack/repair/signature.ts';
import { buttonLabels, drawnMessage } from '../../../support/slack/drawn.ts';
import type { Plan } from '../../../../jobs/run/plan.ts';
import * as e from '../../../support/runs/events.ts';
import { knowledge } from '../../../openstack/known.ts';

const recognise = failureRecogniser(knowledge);

const failedWith = (tail: string, isPlanned = true) => {
  const sync = e.step('sync', { title: 'sync nova', kind: 'schema-sync' });
  const work = e.work('sync');
  const of: Plan = {
    ...e.planOf(sync),
    ...(isPlanned && { origin: { of: 'upgrade', release: 'liberty' } }),
  };
  return e.inOrder(
    e.requested(of),
    e.hostReady('ctl1'),
    e.approvalRequested('sync'),
    e.gateApproved('sync', of),
    e.started(work),
    e.failed(work, { tail }),
  );
};
const flavors = failedWith(
  'There are still 3 unmigrated flavor records. Migration cannot continue until all\n',
);
const card = (events: typeof flavors) => runCard(fold(events), e.after(120), 'plain', recognise);

describe('a failure that is known', () => {
  it('is explained on the card, with its fixes and where that comes from', () => {
    const seen = drawnMessage(card(flavors));

    expect(seen).toMatch(
      /^\*What it is\* {2}Liberty's nova refuses flavors that Kilo should have moved\.$/m,
    );
    expect(seen).toContain('*Fixes*  1  Move the flavors with Kilo (asks the approvers first)\n');
    expect(seen).toContain('\n2  Roll the hop back: *Roll back…*');
    // They say better what can be done.
    expect(seen).not.toContain('*You can*');
  });

  it('is explained whole behind More, with its source and the buttons that the card has no room for', () => {
    const run = fold(flavors);
    const view = moreModal(run, recognise);
    checkModalLimits(view);
    const seen = drawnMessage({ blocks: view.blocks });

    expect(seen).toMatch(
      /^\*What it is\* {2}Liberty's nova.* The schema stopped at 290.*LP 1511466\]$/m,
    );
    expect(seen).toContain(
      "*Fixes*  1  Move the flavors with Kilo: `nova-manage db migrate_flavor_data --max-number 1000 (Kilo's)`, then the step again; the button asks the approvers first",
    );
    expect(seen).toMatch(/\[Skip…\].*\[Abort…\]/);
    expect(seen).not.toContain('[Retry]');
  });

  it('has a button for each fix that has steps, which says that people are asked first', () => {
    const silent = runCard(fold(flavors), e.after(120), 'plain');

    expect(buttonLabels(silent)).not.toHaveProperty('run.fix.1');
    expect(buttonLabels(card(flavors))).toEqual({
      'run.retry': 'Retry',
      'run.fix.1': 'Move the flavors with Kilo',
      'run.rollback': 'Roll back…',
      'look.more': 'More…',
    });
    expect(JSON.stringify(card(flavors))).toContain('asked first; nothing runs before');
  });

  it('has no such button while something of the step still runs', () => {
    const sync = e.step('sync', { kind: 'schema-sync', hosts: ['ctl1', 'ctl2'] });
    const [one, two] = [e.work('sync'), e.work('sync', 'ctl2')];
    const tail = 'There are still 3 unmigrated flavor records\n';
    const begun = [e.approvalRequested('sync'), e.started(one), e.started(two)];
    const log = (...events: typeof begun) =>
      e.inOrder(
        e.requested(e.planOf(sync)),
        e.hostReady('ctl1'),
        e.hostReady('ctl2'),
        ...begun,
        e.failed(one, { tail }),
        ...events,
      );

    expect(Object.keys(buttonLabels(card(log())))).not.toContain('run.fix.1');
    expect(Object.keys(buttonLabels(card(log(e.failed(two, { tail })))))).toContain('run.fix.1');
    expect(Object.keys(buttonLabels(card(log(e.outcomeUnknown(two)))))).not.toContain('run.fix.1');
  });

  it('is explained in the thread, too', () => {
    const lines = threadLines(flavors, { dates: 'plain', recognise });

    expect(drawnMessage(lines.at(-1) ?? { blocks: [] })).toContain('*What it is*  Liberty');
  });
});

describe('a failure that is new', () => {
  it('is said to be so, with what is always true still there', () => {
    const seen = card(failedWith('Oh dear\n'));

    expect(drawnMessage(seen)).toContain('*What it is*  not a failure we know');
    expect(drawnMessage(seen)).toContain('`Oh dear`');
    expect(buttonLabels(seen)).toMatchObject({
      'run.retry': 'Retry',
      'run.rollback': 'Roll back…',
    });
  });

  it('is not called new where nobody could know it', () => {
    expect(drawnMessage(card(failedWith('Oh dear\n', false)))).not.toContain('What it is');
  });
});
