import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buttonsOfMessage } from '../sandbox/slack/reading.ts';
import { cardOfRun, openApproval } from '../sandbox/slack/find.ts';
import { pretendPeople } from '../sandbox/slack/people.ts';
import { spreadText } from './figures.ts';
import { type MeasuredProduct, startMeasuredProduct } from './measured-product.ts';
import { until } from './measured-run.ts';
import type { StandInHosts } from './stand-in-hosts.ts';
import { commandSteps } from './work.ts';

const presses = 5;
/** Slack takes a change of one message in three seconds. */
const idleMs = 4000;

/** From a press to the card that shows what it did, in a run that does nothing else: after a while, and right after a change. */
export async function measureCards(dir: string, hosts: StandInHosts): Promise<string> {
  const product = await startMeasuredProduct(join(dir, 'product'));
  try {
    product.addCloud('bench', hosts, 1);
    product.addRunbook('bench', commandSteps(['sleep 60']));
    const run = await begun(product);
    const [idle, soon]: number[][] = [[], []];
    for (let press = 0; press < presses; press += 1) {
      await sleep(idleMs);
      idle?.push(await pressed(product, run, { does: 'run.pause', shows: 'run.resume' }));
      soon?.push(await pressed(product, run, { does: 'run.resume', shows: 'run.pause' }));
    }
    return `from a press to the card: ${spreadText(idle ?? [], 0)} ms idle, ${spreadText(soon ?? [], 0)} ms right after a change, ${presses} presses each\n`;
  } finally {
    await product.stop();
    hosts.tidy();
  }
}

async function begun({ workspace, redis }: MeasuredProduct): Promise<string> {
  const { control } = workspace;
  await control.command({ user: pretendPeople.ann.id, text: 'run bench bench' });
  const run = await until(60_000, async () => (await redis.zrevrange('hopscotch:runs', 0, 0))[0]);
  const { ts } = await until(60_000, async () => openApproval(run)(await control.messages()));
  await control.click({ user: pretendPeople.ben.id, ts, actionId: 'run.approve' });
  await shows({ workspace }, run, 'run.pause');
  return run;
}

/** The card, once it has a button. */
const shows = ({ workspace }: Pick<MeasuredProduct, 'workspace'>, run: string, button: string) =>
  until(30_000, async () => {
    const card = cardOfRun(await workspace.control.messages(), run);
    return card !== undefined && buttonsOfMessage(card).includes(button) ? card : undefined;
  });

async function pressed(
  product: MeasuredProduct,
  run: string,
  { does, shows: button }: { readonly does: string; readonly shows: string },
): Promise<number> {
  const { ts } = await shows(product, run, does);
  const beganMs = performance.now();
  await product.workspace.control.click({ user: pretendPeople.ann.id, ts, actionId: does });
  await shows(product, run, button);
  return performance.now() - beganMs;
}
