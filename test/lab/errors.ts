import { type ProvokedError, provokedErrors } from './provoked.ts';
import type { LabPart, PartStage } from './part.ts';
import { labSchemas } from './truth.ts';
import { isCardOver, isCardStuck } from './upgrade.ts';

async function provoke(
  stage: PartStage,
  { title, before, steps, signature, says }: ProvokedError,
  index: number,
): Promise<void> {
  const { lab, world, expect, say } = stage;
  say(`  ${title}`);
  await before?.(lab);
  const name = `error-${index}`;
  await world.addRunbook(name, { title: `Meet: ${title}`.slice(0, 100), steps });
  const run = await world.startRun(`run lab ${name}`);
  const { card, message } = await world.drive(run, {
    until: (text, buttons) => isCardOver(text) || isCardStuck(text, buttons),
    deadlineMs: 15 * 60_000,
  });
  if (signature === undefined) {
    expect(`it is well: ${title}`, isCardOver(card), card);
    if (says !== undefined) {
      const thread = await world.thread(run);
      expect(`its thread says ${String(says)}`, says.test(thread), thread.slice(-1500));
    }
  } else {
    const thread = await world.thread(run);
    expect(`it is not green: ${title}`, !isCardOver(card), card);
    if (isCardOver(card)) return;
    if (signature !== '')
      expect(
        `it is met as: ${signature}`,
        card.includes(signature),
        `${card}\n${thread.slice(-1500)}`,
      );
    if (says !== undefined) expect(`it says ${String(says)}`, says.test(card + thread), card);
    await world.press('ann', message, 'run.abort');
    await world.drive(run, { until: (text) => /^Aborted/m.test(text), deadlineMs: 120_000 });
  }
}

export const errorsPart: LabPart = {
  id: 'errors',
  title: "The lab's errors, provoked one by one: met by their signatures, none green",
  from: 'zed',
  play: async (stage) => {
    for (const [index, error] of provokedErrors.entries()) {
      try {
        await provoke(stage, error, index);
      } catch (problem) {
        stage.expect(
          error.title,
          false,
          problem instanceof Error ? problem.message : String(problem),
        );
      } finally {
        await error.after?.(stage.lab, stage);
      }
    }
    stage.note('errors provoked', provokedErrors.length);
    const heads = await labSchemas(stage.lab);
    stage.expect(
      'what was synced is at its head',
      heads[0] === 'keystone 47147121 c88cdce8f248',
      heads,
    );
  },
};
