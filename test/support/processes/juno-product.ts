import { join } from 'node:path';
import { loadCloud } from '../../../jobs/files/cloud.ts';
import { stuckWork } from '../../../jobs/run/decide.ts';
import type { RunEvent } from '../../../jobs/run/events.ts';
import { readConfigFiles } from '../../../openstack/cloud/config-files.ts';
import { CloudFacts } from '../../../openstack/cloud/facts.ts';
import { planUpgrade } from '../../../openstack/plan/planner.ts';
import type { Run } from '../../../jobs/run/run.ts';
import type { StepSpec } from '../../../jobs/files/runbook.ts';
import type { JunoFailure } from '../../../sandbox/juno/failures.ts';
import { cardOfRun, openApproval } from '../../../sandbox/slack/find.ts';
import { pretendPeople } from '../../../sandbox/slack/people.ts';
import { buttonsOfMessage, readMessage } from '../../../sandbox/slack/reading.ts';
import type { WorkspaceMessage } from '../../../sandbox/slack/slack.ts';
import { type JunoDiskLab, startJunoDiskLab } from '../openstack/juno.ts';
import { type Product, eventuallyOnProduct, startProduct } from './product.ts';
import { loadKnowledge } from '../../../openstack/knowledge/load.ts';

const patienceMs = 180_000;

/** The whole product, with the Juno cloud, as people in Slack have it. */
export interface JunoProduct {
  readonly lab: JunoDiskLab;
  readonly product: Product;
  /** Types as ann, an engineer. */
  readonly type: (text: string, user?: string) => Promise<void>;
  /** The newest private answer that holds the words, as it is read. */
  readonly answer: (words: string, user?: string) => Promise<string>;
  /** What the channel says, in all its messages and threads, once it holds the words. */
  readonly heard: (words: string) => Promise<string>;
  /** Starts steps as a runbook of one's own, and answers the run's id once it asks for approval. */
  readonly begin: (name: string, steps: readonly StepSpec[]) => Promise<string>;
  /** Types what starts a run, and answers its id once it asks for approval. */
  readonly start: (typed: string) => Promise<string>;
  /** ben approves what the run asks for, and chie too where that is not enough. */
  readonly approve: (run: string) => Promise<void>;
  readonly until: (run: string, what: string, isSo: (run: Run) => boolean) => Promise<Run>;
  /** The card of a run that stands still at a failure, once it says that. */
  readonly stuckCard: (
    run: string,
  ) => Promise<{ message: WorkspaceMessage; says: string; buttons: string[] }>;
  /** Presses a button of a message as ann. */
  readonly press: (message: WorkspaceMessage, action: string, user?: string) => Promise<void>;
  readonly events: (run: string) => Promise<readonly RunEvent[]>;
  /** Steps of the path to a release, as they would be planned on a cloud without surprises. */
  readonly planned: (series: string, ...ids: readonly string[]) => Promise<StepSpec[]>;
  /** Ends whatever still holds the cloud. */
  readonly letGo: () => Promise<void>;
  readonly end: () => Promise<void>;
}

export async function startJunoProduct(
  failures: readonly JunoFailure[] = [],
): Promise<JunoProduct> {
  const lab = await startJunoDiskLab(failures);
  const product = await startProduct().catch(async (error: unknown) => {
    await lab.end();
    throw error;
  });
  const clouds = join(product.dir, 'clouds');
  await lab.writeCloud(clouds);
  const { control, waitFor } = product.workspace;
  const { ann } = pretendPeople;

  const heard = <T>(what: string, find: (all: WorkspaceMessage[]) => T | undefined): Promise<T> =>
    waitFor(find, { what, deadlineMs: patienceMs });
  const until: JunoProduct['until'] = (run, what, isSo) => runUntil(product, run, what, isSo);
  const type: JunoProduct['type'] = (text, user = ann.id) => control.command({ user, text });
  const start = async (typed: string): Promise<string> => {
    const run = await startedRun(product, typed, type);
    await until(run, 'a request for approval', isAsking);
    return run;
  };
  return {
    lab,
    product,
    type,
    answer: (words, user = ann.id) =>
      heard(`the answer "${words}"`, (all) =>
        holding(
          words,
          all.findLast(({ ephemeral_to }) => ephemeral_to === user),
        ),
      ),
    heard: (words) => heard(`"${words}"`, (all) => holding(words, ...all)),
    begin: async (name, steps) => {
      await product.addRunbook(name, { title: `Try ${name}`, steps });
      return start(`run juno-lab ${name}`);
    },
    start,
    approve: (run) => approveRun(run, until, type, heard),
    until,
    stuckCard: async (run) => {
      await until(run, 'a failure', (now) => stuckWork(now).length > 0);
      return heard(`the card of ${run} to say that it failed`, (all) => failedCard(all, run));
    },
    press: (message, actionId, user = ann.id) =>
      control.click({ user, ts: message.ts, actionId, ...valueOf(message, actionId) }),
    events: (run) => product.store((store) => store.events(run)),
    planned: (series, ...ids) => plannedSteps(clouds, lab.cloudName, series, ids),
    letGo: async () => {
      for (const run of await product.store((store) => store.active()))
        await type(`abort ${run}`).then(() => until(run, 'the end', hasEnded));
    },
    end: async () => {
      await product.stop();
      await lab.end();
    },
  };
}

async function approveRun(
  run: string,
  until: JunoProduct['until'],
  type: JunoProduct['type'],
  heard: <T>(what: string, find: (all: WorkspaceMessage[]) => T | undefined) => Promise<T>,
): Promise<void> {
  const { ben, chie } = pretendPeople;
  const { version } = await until(run, 'a request for approval', isAsking);
  await heard('the request with its buttons', openApproval(run));
  // They may be those of the request before: until the words of this one stand in the thread, it is refused.
  let now = await until(run, 'the run', () => true);
  for (let tries = 0; tries < 20 && now.version === version; tries += 1) {
    await type(`approve ${run}`, ben.id);
    const soon = Date.now() + 5000;
    now = await until(run, 'an approval', (one) => one.version > version || Date.now() > soon);
  }
  if (now.ended === undefined && isAskingMore(now)) await type(`approve ${run}`, chie.id);
}

/** What messages say, where it holds the words. */
function holding(words: string, ...messages: (WorkspaceMessage | undefined)[]): string | undefined {
  const said = messages.flatMap((one) => (one === undefined ? [] : readMessage(one))).join('\n');
  return said.includes(words) ? said : undefined;
}

function failedCard(all: readonly WorkspaceMessage[], run: string) {
  const message = cardOfRun(all, run);
  if (message === undefined) return undefined;
  const buttons = buttonsOfMessage(message);
  const says = readMessage(message).join('\n');
  return buttons.includes('run.retry') ? { message, says, buttons } : undefined;
}

async function runUntil(
  product: Product,
  run: string,
  what: string,
  isSo: (run: Run) => boolean,
): Promise<Run> {
  let last: Run | undefined;
  const look = async (): Promise<Run | undefined> => {
    last = await product.store((store) => store.load(run));
    return isSo(last) ? last : undefined;
  };
  return eventuallyOnProduct(what, look, patienceMs).catch((error: unknown) => {
    const states =
      last === undefined
        ? ''
        : JSON.stringify([last.ended, stuckWork(last), last.apply, [...last.checks]], null, 1);
    throw new Error(`${String(error)}\n${states.slice(-6000)}`);
  });
}

/** The run that begins once this was typed. Throws what is answered instead. */
async function startedRun(
  { store, workspace: { control } }: Product,
  typed: string,
  type: JunoProduct['type'],
): Promise<string> {
  const before = await store((runs) => runs.recent(1));
  const since = (await control.messages()).at(-1)?.ts ?? '';
  await type(typed);
  const refusal = async (): Promise<string | undefined> => {
    const last = (await control.messages()).findLast(
      (message) => message.ephemeral_to !== undefined,
    );
    const said = last === undefined || last.ts <= since ? '' : readMessage(last).join('\n');
    return said.startsWith('Nothing was done') ? said : undefined;
  };
  const look = async (): Promise<string | undefined> => {
    const refused = await refusal();
    if (refused !== undefined) throw new Error(refused);
    const [newest] = await store((runs) => runs.recent(1));
    return newest === before[0] ? undefined : newest;
  };
  return eventuallyOnProduct(`a run of ${typed}`, look, patienceMs);
}

async function plannedSteps(
  clouds: string,
  name: string,
  target: string,
  ids: readonly string[],
): Promise<StepSpec[]> {
  const knowledge = await loadKnowledge('openstack/knowledge/data');
  const cloud = await loadCloud(clouds, name);
  const configFiles = await readConfigFiles(clouds, cloud);
  const facts = CloudFacts.parse({ series: 'juno', configFiles });
  const { steps } = planUpgrade({ knowledge, cloud, facts, target });
  return ids.map((id) => {
    const step = steps.find((one) => one.id === id);
    if (step === undefined)
      throw new Error(`no step ${id}: ${steps.map((one) => one.id).join(' ')}`);
    return step;
  });
}

const hasEnded = ({ ended }: Run): boolean => ended !== undefined;

const isAsking = (run: Run): boolean =>
  Object.values(run.gates).some(
    (gate) =>
      gate.requestedAt !== undefined && gate.approvals.length === 0 && gate.rejected === undefined,
  );

const isAskingMore = (run: Run): boolean =>
  Object.entries(run.gates).some(([id, { approvals }]) => {
    const needed = run.plan.steps.find((step) => step.id === id)?.gate ?? 1;
    return approvals.length > 0 && approvals.length < needed;
  });

/** Of the message as it was seen, even if it has changed since. */
function valueOf({ blocks = [] }: WorkspaceMessage, actionId: string) {
  for (const { block_id: blockId = '', elements = [] } of blocks) {
    const found = elements.find(({ action_id }) => action_id === actionId);
    if (found?.value !== undefined) return { value: found.value, blockId };
  }
  throw new Error(`there is no button ${actionId}`);
}
