import { executionId } from '../../../jobs/run/events.ts';
import { fold } from '../../../jobs/run/fold.ts';
import { hostStep } from '../../../jobs/run/run.ts';
import type { HeldCloud } from '../../../jobs/redis/unlocking.ts';
import type { Intent } from '../../commands/index.ts';
import { textAnswer } from '../../views/answers.ts';
import type { Message } from '../../views/blocks.ts';
import type { AnsweredPress } from '../desk.ts';
import { answerOnCloud, refuseNonApprovers } from '../rights.ts';

/** Takes a cloud from a run that can neither go on nor end, once as many approvers want it as there have to be. */
export const answerUnlock = (
  { cloud: name, reason }: Extract<Intent, { do: 'unlock' }>,
  asking: AnsweredPress,
): Promise<Message> =>
  answerOnCloud(name, { ...asking, refusal: refuseNonApprovers('unlock it') }, async (cloud) => {
    const { press, desk } = asking;
    const held = await desk.unlocking.look(name);
    if (held === undefined) return textAnswer(`No run holds ${name}.`);
    const { run } = held.lock;
    if (held.fault === undefined)
      return textAnswer(
        `The log of run ${run}, which holds ${name}, is whole, so the run can end by itself:\n/upgrade abort ${run}`,
      );
    const needed = approversNeeded(cloud.access.approvers);
    const { user: by, at } = press;
    const agreed = await desk.unlocking.agree(name, { run, by, at, reason, needed });
    const options = { dates: desk.dates, people: [...agreed.people, by] };
    if (!agreed.isFree) {
      const more = `Another approver has to agree within the hour:\n/upgrade unlock ${name} ${reason}`;
      return textAnswer([held.fault.message, whatMayRun(held), more].join('\n'), options);
    }
    const who = agreed.people.join(' and ');
    const said = `${who} took ${name} from run ${run}: ${reason}`;
    const head = textAnswer([said, held.fault.message, whatMayRun(held)].join('\n'), options);
    await desk.post(`unlock-${press.id.slice(0, 12)}`, {
      channel: cloud.channel,
      head,
      replies: [],
      files: [],
    });
    return head;
  });

/** A user group has members that only Slack knows, so it counts as two. */
const approversNeeded = (approvers: readonly string[]): number =>
  approvers.some((id) => id.startsWith('S')) ? 2 : Math.min(2, new Set(approvers).size);

/** What of the run may still run on which hosts, as far as its log can be read. */
function whatMayRun({ intact, lock }: HeldCloud): string {
  if (intact.length === 0)
    return `Nothing of its log can be read, so nobody knows what it runs. On each host, look into .hopscotch/${lock.run}.* in the home of the login user.`;
  const run = fold(intact);
  const open = (['apply', 'undo'] as const).flatMap((phase) =>
    Object.entries(run[phase]).flatMap(([step, hosts]) =>
      [...hosts.keys()]
        .map((host) => ({ phase, step, host, state: hostStep(run, { phase, step, host }) }))
        .filter(({ state }) => state.status === 'running' || state.status === 'unknown'),
    ),
  );
  const rest = `What began after its event ${intact.length} is not known; on the hosts it is in .hopscotch/${run.id}.*`;
  if (open.length === 0) return `By what can be read, nothing of it runs. ${rest}`;
  const works = open.map(
    ({ state, ...work }) =>
      `${work.step} on ${work.host} (.hopscotch/${executionId(run.id, { ...work, attempt: state.attempt })})`,
  );
  return `These may still run: ${works.slice(0, 20).join(', ')}. ${rest}`;
}
