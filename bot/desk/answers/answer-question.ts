import { OperatorError } from '../../../handlers/contract/errors.ts';
import { stuckWork } from '../../../jobs/run/decide.ts';
import type { Work } from '../../../jobs/run/events.ts';
import { fewNames } from '../../../handlers/words/counts.ts';
import type { Cloud } from '../../../jobs/files/cloud.ts';
import { keptOutputText } from '../../../jobs/redis/output.ts';
import { type Run, hostStep } from '../../../jobs/run/run.ts';
import type { Intent } from '../../commands/index.ts';
import type { Press } from '../../actions/press.ts';
import { type Message, textMessage } from '../../views/blocks.ts';
import { helpMessage } from '../../views/help.ts';
import { stepLog } from '../../views/log.ts';
import { runList, runStatus, withTroubles } from '../../views/status.ts';
import type { CloudDesk } from '../desk.ts';
import { postedWords } from '../output-window.ts';
import { refuseOutsiders, mayRead, rightsOnRun } from '../rights.ts';

type Look = Extract<Intent, { do: 'help' | 'status' | 'log' }>;

/** Answers that change nothing. A run is shown to the engineers and approvers of its cloud. */
export async function answerQuestion(
  intent: Look,
  press: Press,
  desk: CloudDesk,
): Promise<Message> {
  if (intent.do === 'help') return helpMessage(intent.topic);
  if (intent.run === undefined)
    return withTroubles(await latest(press, desk), await desk.troubles(), desk.dates);
  const { run, cloud, rights } = await rightsOnRun(intent.run, press, desk);
  const refusal = refuseOutsiders(cloud, rights);
  if (refusal !== undefined) return refusal;
  if (intent.do === 'status') {
    const status = runStatus(
      run,
      desk.now(),
      desk.dates,
      desk.recognise,
      await desk.noWorkerSince(run.requestedAt),
      await desk.times.of(run.plan.cloud),
    );
    return withTroubles(status, await desk.troubles(), desk.dates);
  }
  const work = workOf(run, intent);
  if (intent.isWhole === true) {
    const file = await desk.outputFiles.post(run, { user: press.user, work });
    return file.is === 'posted'
      ? textMessage(postedWords(file))
      : { ...textMessage(file.why), isRefusal: true };
  }
  const kept = await desk.readOutput(run.id, work);
  const output = kept === undefined ? undefined : keptOutputText(kept);
  return stepLog(run, { step: work.step, host: work.host, output });
}

/** The latest runs on clouds where this person may look. */
async function latest({ user }: Press, desk: CloudDesk) {
  const { access, now, dates } = desk;
  const { runs, clouds } = await readLatest(desk);
  const visible = new Map<string, boolean>();
  await Promise.all(
    [...clouds].map(async ([name, cloud]) => {
      // Nobody has rights by a file that cannot be read, but on the runs that began by it.
      const lists = cloud?.access ?? runs.find(({ plan }) => plan.cloud === name)?.access;
      visible.set(name, lists !== undefined && mayRead(await access.rightsOf(user, lists)));
    }),
  );
  const own = runs.filter(({ plan }) => visible.get(plan.cloud) === true);
  return runList(own, now(), dates, runs.length - own.length);
}

/** Of the latest runs. */
const latestCount = 20;

interface LatestSources extends Pick<CloudDesk, 'loadCloud'> {
  readonly store: Pick<CloudDesk['store'], 'recent' | 'load'>;
}

/** Reads what the first question would wait for; one run after the other, so that no press waits for all of them. */
export async function readAhead(sources: LatestSources): Promise<void> {
  const { store } = sources;
  for (const id of await store.recent(latestCount)) await unlessBroken(store.load(id));
  await readLatest(sources);
}

/** The latest runs that can be read, and the files of their clouds. */
async function readLatest({ store, loadCloud }: LatestSources): Promise<{
  readonly runs: readonly Run[];
  readonly clouds: ReadonlyMap<string, Cloud | undefined>;
}> {
  const ids = await store.recent(latestCount);
  const all = await Promise.all(ids.map((id) => unlessBroken(store.load(id))));
  const runs = all.filter((run) => run !== undefined);
  const names = [...new Set(runs.map(({ plan }) => plan.cloud))];
  const files = await Promise.all(names.map((name) => unlessBroken(loadCloud(name))));
  return { runs, clouds: new Map(names.map((name, index) => [name, files[index]])) };
}

/** One broken log or file does not hide the others. */
async function unlessBroken<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof OperatorError) return undefined;
    throw error;
  }
}

/** The work that a step's output is of: the host that is named, or stuck, or the only one. */
function workOf(run: Run, { step: named, host }: Extract<Intent, { do: 'log' }>): Work {
  const { steps } = run.plan;
  // The card and the approvals number the steps.
  const planned = steps.find(({ id }) => id === named) ?? steps[Number(named) - 1];
  if (planned === undefined) {
    throw new OperatorError(`run ${run.id} has no step ${named}`, {
      hint: `Its steps are numbered from 1 to ${steps.length}: ${fewNames(
        steps.map(({ id }) => id),
        20,
      )}.`,
      name: 'UnknownStep',
    });
  }
  const step = planned.id;
  const [only, ...others] = planned.hosts;
  const blocked = stuckWork(run).find((work) => work.step === step)?.host;
  const chosen = host ?? blocked ?? (others.length === 0 ? only : undefined);
  if (chosen === undefined || !planned.hosts.includes(chosen)) {
    throw new OperatorError(`step ${step} runs on ${planned.hosts.join(', ')}`, {
      hint: `Name one of them: /upgrade log ${run.id} ${step} ${only ?? 'HOST'}`,
      name: 'UnknownHost',
    });
  }
  const where = { step, host: chosen };
  const undo = run.undo[step]?.get(chosen);
  const phase = undo === undefined || undo.status === 'pending' ? 'apply' : 'undo';
  return { phase, ...where, attempt: hostStep(run, { phase, ...where }).attempt };
}
