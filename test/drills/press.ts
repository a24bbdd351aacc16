import type { Button } from '@slack/types';
import { randomUUID } from 'node:crypto';
import type { Press } from '../../bot/actions/press.ts';
import { performPress } from '../../bot/desk/perform.ts';
import { runCard } from '../../bot/views/card/run-card.ts';
import type { Run } from '../../jobs/run/run.ts';
import { bareDesk } from '../support/bare-desk.ts';
import { listedAccess } from '../support/listed.ts';
import type { RunningEngine } from '../support/processes/running.ts';
import type { DrillLab } from './lab.ts';
import type { CloudDesk } from '../../bot/desk/desk.ts';

/** The card's Roll back as it stands, with what its dialog says; undefined where the card has none. */
export function rollbackButton(run: Run): Button | undefined {
  const { blocks } = runCard(run, new Date().toISOString(), 'plain');
  return blocks
    .flatMap((block) => (block.type === 'actions' ? block.elements : []))
    .find((one): one is Button => one.type === 'button' && one.action_id === 'run.rollback');
}

/** Presses a button of a card as an engineer of the cloud does, and answers what the product says to it. */
export const pressButton = (
  { action_id: action, value = '' }: Button,
  running: RunningEngine,
  lab: DrillLab,
): Promise<string> => send({ source: 'button', action, value }, running, lab);

/** Types what follows `/upgrade`, as an engineer of the cloud does, and answers what the product says to it. */
export const typeUpgrade = (text: string, running: RunningEngine, lab: DrillLab): Promise<string> =>
  send({ source: 'word', text }, running, lab);

/** Confirms what the first engineer asked for, where that takes a second person. */
export const confirmRollback = (
  run: string,
  running: RunningEngine,
  lab: DrillLab,
): Promise<string> => send({ source: 'word', text: `approve ${run}` }, running, lab, 'approvers');

type Said = Pick<Press, 'source'> & Partial<Pick<Press, 'action' | 'value' | 'text'>>;

async function send(
  said: Said,
  running: RunningEngine,
  lab: DrillLab,
  as: 'engineers' | 'approvers' = 'engineers',
): Promise<string> {
  const user = lab.cloud.access[as].at(-1) ?? '';
  const { channel } = lab.cloud;
  const one: Press = { ...said, id: randomUUID(), at: new Date().toISOString(), user, channel };
  return (await performPress(one, deskOf(running, lab))).text;
}

/** Strict: what a press on a card does not need is not given, not even the queues. */
const deskOf = ({ store }: RunningEngine, { cloud, knowledge }: DrillLab): CloudDesk =>
  bareDesk({
    store,
    access: listedAccess,
    loadCloud: async () => cloud,
    knowledge,
    now: () => new Date().toISOString(),
    queues: { decideAgain: notHere, card: notHere },
    whyUnreadable: notHere,
  });

const notHere = (): never => {
  throw new Error('a drill presses Roll back alone');
};
