import { describe, expect, it } from '@jest/globals';
import { performPress } from '../../../bot/desk/perform.ts';
import type { ThreadToPost } from '../../../bot/outbox/posts.ts';
import type { Press } from '../../../bot/actions/press.ts';
import type { InspectAnswer } from '../../../jobs/redis/inspect-request.ts';
import { OperatorError } from '../../../handlers/contract/errors.ts';
import { inspectAnswers } from '../../openstack/inspect-answers.ts';
import { bareDesk } from '../../support/bare-desk.ts';
import { listedAccess } from '../../support/listed.ts';
import { drawnMessage } from '../../support/slack/drawn.ts';
import type { CloudDesk } from '../../../bot/desk/desk.ts';
import { planInPlace } from '../../../bot/planning/planning.ts';
import { planningHere } from '../../../openstack/upgrade/planning.ts';
import { openUpgrades } from '../../../openstack/upgrade/upgrade.ts';
import {
  requestedAt,
  toolsCloud,
  pretendTools,
  productionCloud,
  pretendRunbook,
} from '../../support/openstack/upgrade-tools.ts';

const said = (text: string, user = 'UANN'): Press => ({
  id: 'a1b2c3d4e5f6a7b8',
  at: requestedAt,
  user,
  channel: 'C0OPS',
  source: 'word',
  text,
});

/** A desk of this cloud whose hosts answer so, and what it was asked for. */
function deskOf(answer: InspectAnswer = inspectAnswers()) {
  const threads: ThreadToPost[] = [];
  const { tools, store, ...seen } = pretendTools(answer);
  const desk = bareDesk({
    store,
    access: listedAccess,
    loadCloud: async () => toolsCloud,
    listClouds: async () => [toolsCloud.name, 'other', 'torn'],
    listRunbooks: async () => ['check', 'restart-nova'],
    loadRunbook: async () => pretendRunbook,
    readOutput: async () => undefined,
    checkChannel: async () => {},
    knowledge: tools.knowledge,
    plans: planInPlace(tools.knowledge),
    upgrades: openUpgrades(tools),
    unlocking: { look: async () => undefined, agree: async () => ({ people: [], isFree: false }) },
    post: async (_id, thread) => {
      threads.push(thread);
      return {};
    },
    now: () => requestedAt,
  });
  return { desk, threads, tools, ...seen };
}

describe('planning an upgrade', () => {
  it('plans on what the hosts say now, and posts all of it in the channel of the cloud', async () => {
    const { desk, threads, asked, planned } = deskOf();
    const asides: string[] = [];

    const answer = await performPress(
      said('plan example-juno liberty', 'UBEN'),
      desk,
      async (message) => asides.push(message.text),
    );

    expect(asides).toEqual(['Inspecting the 6 hosts of example-juno…']);
    expect(asked).toEqual(['a1b2c3d4e5f6a7b8']);
    expect(planned).toMatchObject([
      {
        target: 'liberty',
        facts: {
          series: 'juno',
          databases: { nova: { revision: '254', rowsBlocking: 2 } },
          configFiles: { 'kilo/all/etc/nova/nova.conf': '[DEFAULT]\n' },
        },
      },
    ]);
    expect(threads).toMatchObject([
      {
        channel: toolsCloud.channel,
        files: [
          { name: expect.stringMatching(/\.md$/) },
          { name: expect.stringMatching(/\.json$/) },
        ],
      },
    ]);
    expect(threads[0]?.replies.map(drawnMessage).join('\n')).toContain('1  stop nova-api · on ');
    expect(threads[0]?.files[0]?.content).toContain('/etc/init.d/nova-api stop');
    expect(drawnMessage(answer)).toContain('*Next*  `/upgrade start example-juno liberty`');
  });

  it('hands on where hosts should end, and that nobody supports it, and says how it is started', async () => {
    const { desk, planned } = deskOf();

    const answer = await performPress(
      said('plan example-juno liberty on xenial only nova —unsupported'),
      desk,
    );

    expect(planned).toMatchObject([{ codename: 'xenial', only: ['nova'], unsupported: '' }]);
    expect(drawnMessage(answer)).toContain(
      '`/upgrade start example-juno liberty on xenial only nova --unsupported REASON`',
    );
  });

  it('plans for some services, and says which host did not answer', async () => {
    const { cmp1: _away, ...others } = inspectAnswers();
    const problem = { message: 'reaching cmp1: no answer', hint: 'look at its console' };
    const { desk, planned } = deskOf({ ...others, cmp1: { problem } });

    const answer = await performPress(said('plan example-juno liberty only keystone'), desk);

    expect(planned).toMatchObject([{ only: ['keystone'] }]);
    expect(drawnMessage(answer)).toContain('✗ *No answer from cmp1*');
  });
});

describe('planning a runbook', () => {
  it('reads the same, looks at no host, and leads on to its run', async () => {
    const { desk, threads, asked, created } = deskOf();

    const answer = await performPress(said('plan example-juno check', 'UBEN'), desk);

    expect([asked, created]).toEqual([[], []]);
    const thread = threads.at(-1);
    expect(thread?.replies.map(drawnMessage).join('\n')).toContain('1  stop nova-api · on ');
    expect(drawnMessage(thread?.head ?? { blocks: [] })).toContain('*Impact*');
    expect(drawnMessage(answer)).toContain('*Next*  `/upgrade run example-juno check`');
  });

  it('has its exact words in a thread where Slack takes no files', async () => {
    const { desk, threads } = deskOf();
    const post: CloudDesk['post'] = async (id, thread) => {
      await desk.post(id, thread);
      return thread.files.length > 0 ? { filesRefused: 'file_uploads_disabled' } : {};
    };

    await performPress(said('plan example-juno check', 'UBEN'), { ...desk, post });

    expect(drawnMessage(threads[1]?.head ?? { blocks: [] })).toContain('file_uploads_disabled');
    expect(threads[1]?.replies.map(drawnMessage).join('\n')).toContain('/etc/init.d/nova-api stop');
  });
});

describe('clouds', () => {
  const listing = async (user: string): Promise<string> => {
    const { desk } = deskOf();
    const loadCloud: CloudDesk['loadCloud'] = async (name) => {
      if (name === 'torn') throw new OperatorError('reading torn.yaml: line 3', { hint: '' });
      const access = { ...toolsCloud.access, engineers: ['UEVE'], approvers: ['UEVE'] };
      return name === 'other' ? { ...toolsCloud, name, access } : toolsCloud;
    };
    return drawnMessage(await performPress(said('clouds', user), { ...desk, loadCloud }));
  };

  it('are listed to those who may look at them, with the runbooks', async () => {
    const seen = await listing('UBEN');

    expect(seen).toContain('`example-juno`  ·  Juno · ');
    expect(seen).toContain('✗ `torn`  ·  reading torn.yaml: line 3');
    expect(seen).not.toContain('`other`');
    expect(seen).toContain('1 cloud of others');
    expect(seen).toContain('*Runbooks*  check, restart-nova');
  });
});

describe('starting an upgrade', () => {
  it('looks and plans afresh, and starts a run of just that plan', async () => {
    const { desk, asked, created } = deskOf();

    const answer = await performPress(said('start example-juno liberty'), desk);

    expect([asked.length, created.length]).toEqual([1, 1]);
    expect(answer.text).toContain('is under way as run');
  });

  it('answers what the planner refuses', async () => {
    const { desk, tools, created } = deskOf();
    const plan = (): never => {
      throw new OperatorError('planning: files are missing', { hint: 'Put them there.' });
    };
    const refusing: CloudDesk = {
      ...desk,
      upgrades: openUpgrades({ ...tools, planning: planningHere(tools.knowledge, plan) }),
    };

    expect((await performPress(said('start example-juno liberty'), refusing)).text).toBe(
      'Nothing was done: planning: files are missing\nPut them there.',
    );
    expect(created).toEqual([]);
  });
});

describe('starting an upgrade of a production cloud', () => {
  const inProduction = () => {
    const { desk, created } = deskOf();
    return { created, desk: { ...desk, loadCloud: async () => productionCloud } };
  };

  it('says what to type where it takes a rehearsal', async () => {
    const { desk, created } = inProduction();

    const { text } = await performPress(said('start example-juno liberty only nova'), desk);

    expect(text).toContain('production cloud example-juno: this plan never ran on a verification');
    expect(text).toContain('`/upgrade start CLOUD liberty only nova`');
    expect(text).toContain('`/upgrade start example-juno liberty only nova unrehearsed REASON`');
    expect(created).toEqual([]);
  });

  it('hands on the reason to start without one', async () => {
    const { desk, created } = inProduction();

    await performPress(said('start example-juno liberty unrehearsed The lab burnt down'), desk);

    expect(created).toMatchObject([
      {
        steps: [{ notes: [expect.stringMatching(/because: The lab burnt down$/), 'It is down.'] }],
      },
    ]);
  });
});

describe('who may change a cloud', () => {
  it.each(['start example-juno liberty', 'heal example-juno', 'run example-juno check'])(
    'are its engineers alone: %s',
    async (line) => {
      const { desk, asked, created } = deskOf();

      const { text } = await performPress(said(line, 'UBEN'), desk);

      expect(text).toMatch(
        /^Nothing was done: only engineers of example-juno .*\nThese can: <@UANN>$/,
      );
      expect([asked, created]).toEqual([[], []]);
    },
  );

  it('lets engineers run a runbook that somebody wrote', async () => {
    const { desk, created } = deskOf();

    await performPress(said('run example-juno check'), desk);

    expect(created).toMatchObject([{ runbook: 'check', title: pretendRunbook.title }]);
  });
});
