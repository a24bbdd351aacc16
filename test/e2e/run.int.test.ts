import { beforeAll, describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pretendPeople } from '../../sandbox/slack/people.ts';
import type { WorkspaceMessage } from '../../sandbox/slack/slack.ts';
import {
  type ChannelPerson,
  executionsOn,
  expectNothingHeld,
  onProduct,
  runOfText,
  programStep,
} from '../support/processes/on-product.ts';
import { actionIds, eventuallyOnProduct } from '../support/processes/product.ts';

const { ann, ben, dan } = pretendPeople;
const world = onProduct();
const greet = programStep('greet', 'echo', 'ahoy');

beforeAll(async () => {
  await world.product.addCloud('harbour', world.sshd);
  await world.product.addRunbook('greet', { title: 'Greet', steps: [greet] });
});

/** What a person is told in private after typing a line. */
const ask = (who: ChannelPerson, text: string): Promise<string> =>
  world.told(who, () => world.type(text, who));

const pressed = (
  who: ChannelPerson,
  message: WorkspaceMessage,
  action: string,
  value: string,
): Promise<string> => world.told(who, () => world.press(message, action, who, value));

const valueOf = (message: WorkspaceMessage, actionId: string): string =>
  message.blocks
    ?.flatMap(({ elements = [] }) => elements)
    .find(({ action_id }) => action_id === actionId)?.value ?? '';

describe('a line that means nothing', () => {
  it.each([
    ['explode harbour', `I don't know the word "explode".`, 'The words are help, clouds, inspect'],
    ['stauts', 'Did you mean status?', 'What they do: /upgrade help'],
    ['run harbour', 'RUNBOOK is missing.', '`/upgrade run CLOUD RUNBOOK`'],
    ['run harbor greet', 'there is no cloud "harbor" in', 'Did you mean harbour?'],
    ['run harbour gret', 'there is no runbook "gret" in', 'there is greet\nDid you mean greet?'],
    ['status 7f3a12', 'there is no run 7f3a12', '/upgrade status'],
    ['approve 7f3a12', 'there is no run 7f3a12', '/upgrade status'],
    ['abort no!', '"no!" is not the id of a run', '/upgrade status lists them'],
  ])('%s', async (line, what, next) => {
    const told = await ask(ann, line);

    expect(told).toContain(what);
    expect(told).toContain(next);
    await expectNothingHeld(world, 'harbour');
  });
});

/** `2:14` for where the text stands in a file. */
async function placeOf(file: string, text: string): Promise<string> {
  const before = (await readFile(file, 'utf8')).split(text)[0] ?? '';
  const lines = before.split('\n');
  return `${lines.length}:${(lines.at(-1) ?? '').length + 1}`;
}

describe('a file with mistakes', () => {
  it('of a cloud is named by line and column, each mistake with what was expected', async () => {
    await world.product.addCloud('typo', world.sshd, { environment: 'prod', chanel: 'C0X' });
    const file = join(world.product.dir, 'clouds/typo.yaml');

    const told = await ask(ann, 'run typo greet');

    expect(told).toContain(`Nothing was done: reading ${file}: 2 problems`);
    expect(told).toContain(
      `${file}:${await placeOf(file, 'prod\n')}: environment: found "prod" (string), expected one of production, verification`,
    );
    expect(told).toContain(
      `${file}:${await placeOf(file, 'chanel')}: chanel: found chanel (unknown key), did you mean channel?`,
    );
    await expectNothingHeld(world, 'typo');
  });

  it('of a runbook is, too', async () => {
    const wrong = { ...greet, titel: 'Ahoy', params: { run: 'echo ahoy', undo: [] } };
    await world.product.addRunbook('typo', { title: 'Typo', steps: [wrong] });
    const file = join(world.product.dir, 'runbooks/typo.yaml');

    const told = await ask(ann, 'run harbour typo');

    expect(told).toContain(
      `${file}:${await placeOf(file, 'titel')}: steps[0].titel: found titel (unknown key), did you mean title?`,
    );
    expect(told).toContain(
      `${file}:${await placeOf(file, 'echo ahoy')}: steps[0].params.run: found "echo ahoy" (string), expected a list`,
    );
    await expectNothingHeld(world, 'harbour');
  });
});

describe('a run on a cloud that another one holds', () => {
  it('is refused with who, since when and why; and an old button does nothing', async () => {
    expect(await ask(dan, 'run harbour greet')).toBe(
      `Nothing was done: only engineers of harbour can start runs on it\nThese can: <@${ann.id}>`,
    );
    await expectNothingHeld(world, 'harbour');
    await ask(ann, 'run harbour greet');
    const request = await world.requestOn('harbour');
    const run = runOfText(await world.cardOf('Greet · harbour', 'needs approval of'));

    expect(await ask(ann, 'run harbour greet')).toMatch(
      new RegExp(
        `^Nothing was done: harbour is held by run ${run} \\(Greet\\), which <@${ann.id}> started at .*UTC>?\nWait for it to end, or look at it with: /upgrade status ${run}$`,
      ),
    );
    for (const word of ['status', 'pause', 'abort']) {
      expect(await ask(dan, `${word} ${run}`)).toContain('only engineers and approvers of');
    }
    const approve = valueOf(request, 'run.approve');
    expect(await pressed(dan, request, 'run.approve', approve)).toContain(
      `only approvers of harbour can approve or reject\nThese can: <@${ben.id}>, <@${pretendPeople.chie.id}>`,
    );
    expect(await executionsOn(world.sshd)).toEqual([]);

    const abort = valueOf(await world.cardOf('Greet · harbour', 'needs approval of'), 'run.abort');
    await ask(ben, `reject ${run} not today`);
    const card = await world.cardOf('Greet · harbour', 'rejected, nothing was run');
    for (const [message, button, value] of [
      [request, 'run.approve', approve],
      [card, 'run.abort', abort],
    ] as const) {
      expect(await pressed(ben, message, button, value)).toBe(
        `Nothing was done: Run ${run} ended: rejected, nothing was run.`,
      );
    }
    expect(await pressed(ben, card, 'run.explode', approve)).toContain('another version');
    expect(await executionsOn(world.sshd)).toEqual([]);
    expect(await world.product.store((store) => store.lockOf('harbour'))).toBeUndefined();
  });
});

describe('a run in a local Slack workspace', () => {
  it('goes to its end with the approval of a second person', async () => {
    const steps = [
      { ...programStep('greet', 'echo', 'ahoy'), on: 'control' },
      programStep('part', 'echo', 'fare well'),
    ];
    await world.product.addRunbook('visit', { title: 'Visit the harbour', steps });
    await world.type('run harbour visit');
    const asked = await world.requestOn('Visit the harbour');

    const approves = (who: ChannelPerson) =>
      world.told(who, () => world.press(asked, 'run.approve', who));
    expect(await approves(ann)).toContain('does not approve it');
    expect(await approves(dan)).toContain('only approvers');
    await world.press(asked, 'run.approve', ben);

    const card = await world.cardOf('Visit the harbour · harbour', 'succeeded');
    expect(actionIds(card)).not.toContain('run.pause');
    // The thread follows the card, at about a line a second.
    await eventuallyOnProduct('line of the last step', async () => {
      const thread = await world.threadOf(card);
      return (thread.includes('ahoy') && thread.includes('fare well')) || undefined;
    });
  });
});
