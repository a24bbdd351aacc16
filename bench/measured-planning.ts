import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { type PlanDesk, planAside, planInPlace } from '../bot/planning/planning.ts';
import { CloudFacts } from '../openstack/cloud/facts.ts';
import { openKnowledge } from '../openstack/knowledge/open.ts';
import { largeCloud } from '../test/openstack/clouds-today.ts';

/** How long people wait for other answers while the largest plan is made, compared and drawn: in place, and in its thread. */
export async function measurePlanning(): Promise<string> {
  const knowledge = await openKnowledge();
  const lines = [
    await measured('in place', planInPlace(knowledge)),
    await measured('in its thread', planAside()),
  ];
  return `${lines.join('\n')}\n`;
}

async function measured(where: string, desk: PlanDesk): Promise<string> {
  const cloud = largeCloud('caracal', 'jammy');
  const parts: string[] = [];
  const timed = async <T>(what: string, ask: () => Promise<T>): Promise<T> => {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    const beganMs = performance.now();
    delay.enable();
    // It is counted from one turn to the next.
    await sleep(5);
    const answer = await ask();
    await sleep(5);
    delay.disable();
    const tookMs = Math.round(performance.now() - beganMs);
    parts.push(`${what} ${tookMs} ms, nobody answered for ${Math.round(delay.max / 1e6)} ms`);
    return answer;
  };
  let steps = 0;
  for (const which of ['first', 'next']) {
    const wish = { cloud, facts: CloudFacts.parse({}), target: 'gazpacho' };
    const made = await timed(`${which} plan`, () => desk.plan(wish));
    const done = { run: 'a1b2c3', at: '2026-12-01T00:00:00.000Z', isRolledBack: true };
    const earlier = { ...done, plan: structuredClone(made.plan) };
    const compared = { rehearsal: earlier, here: [earlier] };
    await timed('comparing', () => desk.review(made.plan, compared));
    const asked = { found: { silent: [] }, cloud, by: 'U0ANN', starts: 'start it' };
    await timed('drawing', () => desk.draw({ ...made, ...asked }));
    steps = made.plan.steps.length;
  }
  return `planning ${steps} steps ${where}: ${parts.join('; ')}`;
}
