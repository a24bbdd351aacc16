import type { Intent, UpgradeIntent } from '../../commands/index.ts';
import { upgradeLine } from '../../commands/clouds/upgrade-subcommand.ts';
import { startedAnswer } from '../../views/answers.ts';
import type { Message } from '../../views/blocks.ts';
import { inspectionDetails } from '../../views/inspection/details.ts';
import { inspectionSummary } from '../../views/inspection/inspection.ts';
import {
  inspectingAnswer,
  notRehearsedAnswer,
  plannedRunbook,
} from '../../views/plan/upgrade-plan.ts';
import type { Runbook } from '../../../jobs/files/runbook.ts';
import { composePlan } from '../../../jobs/run/compose.ts';
import type { Cloud } from '../../../jobs/files/cloud.ts';
import type { Run } from '../../../jobs/run/run.ts';
import { NotRehearsed } from '../../../openstack/upgrade/rehearsal-rule.ts';
import type { CloudRequest } from '../../../openstack/upgrade/requests.ts';
import type { AnsweredPress, CloudDesk } from '../desk.ts';
import { refuseNonEngineers, refuseOutsiders, answerOnCloud } from '../rights.ts';

/** Looks at a cloud: the summary for whoever asked, all of it in the cloud's channel. */
export const answerInspect = (
  { cloud: name }: Extract<Intent, { do: 'inspect' }>,
  asking: AnsweredPress,
): Promise<Message> =>
  answerOnCloud(name, { ...asking, refusal: refuseOutsiders }, async (cloud) => {
    const { press, desk } = asking;
    await desk.checkChannel(cloud.channel);
    const found = await desk.upgrades.inspect(requestOn(cloud, asking));
    await desk.post(`inspect-${press.id.slice(0, 12)}`, {
      channel: cloud.channel,
      head: inspectionSummary(found, { by: press.user }),
      replies: inspectionDetails(found),
      files: [],
    });
    return inspectionSummary(found, { channel: cloud.channel });
  });

/** Plans an upgrade on what the hosts say now; the whole plan goes to the cloud's channel. */
export const answerPlan = (intent: UpgradeIntent, asking: AnsweredPress): Promise<Message> =>
  answerOnCloud(intent.cloud, { ...asking, refusal: refuseOutsiders }, async (cloud) => {
    const { press, desk } = asking;
    await desk.checkChannel(cloud.channel);
    const runbook = await runbookInstead(intent, desk);
    const planned =
      runbook === undefined
        ? await desk.upgrades.plan({ ...intent, ...requestOn(cloud, asking) })
        : plannedRunbook(composePlan(cloud, runbook, intent.series));
    const starts = `${runbook === undefined ? 'start' : 'run'} ${cloud.name} ${upgradeLine(intent)}`;
    const { plan, runbook: made, found } = planned;
    const shown = { plan, runbook: made, found, cloud, by: press.user, starts };
    const id = `plan-${press.id.slice(0, 12)}`;
    const { channel } = cloud;
    const { answer, ...drawn } = await desk.plans.draw(shown);
    const { filesRefused } = await desk.post(id, { channel, ...drawn });
    if (filesRefused === undefined) return answer;
    const { answer: inWords, ...words } = await desk.plans.drawWords(shown, filesRefused);
    await desk.post(`${id}-words`, { channel, ...words, files: [] });
    return inWords;
  });

/** A runbook that goes by the word in the place of a release; undefined where the word is a release, or nothing known. */
async function runbookInstead(
  { series, only, codename, unsupported }: UpgradeIntent,
  desk: CloudDesk,
): Promise<Runbook | undefined> {
  const isRelease = desk.knowledge.series.some(
    ({ name, release }) => name === series || release === series,
  );
  const isPlain = only === undefined && codename === undefined && unsupported === undefined;
  if (isRelease || !isPlain || !(await desk.listRunbooks()).includes(series)) return undefined;
  return desk.loadRunbook(series);
}

/** Looks and plans afresh, and starts the run, whose first step waits for approval. For engineers of the cloud. */
export const answerStart = (intent: UpgradeIntent, asking: AnsweredPress): Promise<Message> =>
  answerOnCloud(
    intent.cloud,
    { ...asking, refusal: refuseNonEngineers('start upgrades of it') },
    async (cloud) => {
      await asking.desk.checkChannel(cloud.channel);
      const request = { ...intent, ...requestOn(cloud, asking) };
      try {
        return startedAnswer(await asking.desk.upgrades.start(request));
      } catch (error) {
        if (!(error instanceof NotRehearsed)) throw error;
        return notRehearsedAnswer(error, intent);
      }
    },
  );

/** Looks afresh, and starts the run that finishes an interrupted schema migration. For engineers. */
export const answerHeal = (
  { cloud: name, database }: Extract<Intent, { do: 'heal' }>,
  asking: AnsweredPress,
): Promise<Message> =>
  answerRunOn(name, asking, async (cloud) => {
    await asking.desk.checkChannel(cloud.channel);
    const request = { ...requestOn(cloud, asking), ...(database !== undefined && { database }) };
    return asking.desk.upgrades.heal(request);
  });

/** Starts a run of a runbook on a cloud, for engineers of that cloud. */
export const answerRunbook = (
  { cloud: name, runbook }: Extract<Intent, { do: 'run' }>,
  asking: AnsweredPress,
): Promise<Message> =>
  answerRunOn(name, asking, async (cloud) => {
    const { desk } = asking;
    const request = { name: runbook, runbook: await desk.loadRunbook(runbook) };
    await desk.checkChannel(cloud.channel);
    return desk.upgrades.run({ ...request, ...requestOn(cloud, asking) });
  });

const answerRunOn = (
  name: string,
  asking: AnsweredPress,
  start: (cloud: Cloud) => Promise<Run>,
): Promise<Message> =>
  answerOnCloud(
    name,
    { ...asking, refusal: refuseNonEngineers('start runs on it') },
    async (cloud) => startedAnswer(await start(cloud)),
  );

/** The press as a request, whose id is the press's own: a press that is done again asks for nothing new. */
const requestOn = (cloud: Cloud, { press, aside }: AnsweredPress): CloudRequest => ({
  id: press.id,
  by: press.user,
  at: press.at,
  cloud,
  onLook: () => aside(inspectingAnswer(cloud)),
});
