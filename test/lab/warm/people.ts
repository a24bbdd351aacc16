import { cardOfRun } from '../../../sandbox/slack/find.ts';
import { buttonsOfMessage } from '../../../sandbox/slack/reading.ts';
import { heldForPerson } from '../hold.ts';
import type { RealLab } from '../lab.ts';
import type { PartStage } from '../part.ts';
import { isCardOver, isCardStuck } from '../upgrade.ts';
import type { DrivenRun, LabDrive } from '../world.ts';

/** Takes snapshots of hosts, restores and restarts them, as the run asks a person to. */
export async function handOfPerson(lab: RealLab, run: string, card: string): Promise<string> {
  const { what, hosts, label } = askedByHand(card);
  const name = `${run}-${label}-${hosts.join('-')}`;
  if (what === 'restart') await lab.reboot(...hosts);
  else if (what === 'restore') await lab.restore(name, ...hosts);
  else if (!(await lab.snaps()).includes(name)) await lab.snap(name, ...hosts);
  return what === 'restart' ? `restarted ${hosts.join(', ')}` : name;
}

interface AskedByHand {
  readonly what: 'snapshot' | 'restore' | 'restart';
  readonly hosts: readonly string[];
  readonly label: string;
}

export function askedByHand(card: string): AskedByHand {
  for (const [what, words] of askedWords) {
    const { hosts, label = '' } = words.exec(card)?.groups ?? {};
    if (hosts !== undefined) return { what, hosts: hosts.split(', '), label };
  }
  throw new Error(`nobody knows what to do by hand:\n${card}`);
}

const askedWords = [
  ['snapshot', /each of: (?<hosts>[\w, -]+)\. Call it (?<label>[\w-]+(?:\.[\w-]+)*)/],
  ['restore', /from their snapshots (?<label>[\w.-]+): (?<hosts>[\w, -]+)\. Start/],
  ['restart', /Restart (?<hosts>[\w, -]+), and wait/],
] as const;

/**
 * Drives a run until its card is where it should come to. Where it stops, its card is kept for who reads the results, and
 * ann presses Retry, so that one play teaches more than one thing.
 */
export async function driveOn(
  stage: PartStage,
  run: string,
  options: Omit<LabDrive, 'until'>,
  isThere: (card: string) => boolean = isCardOver,
): Promise<DrivenRun> {
  const { world, say, note } = stage;
  let approvals = 0;
  let [before, since] = ['', 0];
  // A card that has not moved yet is no second failure; a product that was started anew asks all hosts first.
  const isFresh = (text: string): boolean => text !== before || Date.now() - since > 180_000;
  const until: LabDrive['until'] = (text, buttons) =>
    isFresh(text) && (isThere(text) || isCardStuck(text, buttons));
  for (let stops = 0; ; stops++) {
    const driven = await world.drive(run, { ...options, until });
    approvals += driven.approvals;
    note('stops', stops);
    if (isThere(driven.card) || stops >= 12) return { ...driven, approvals };
    say(driven.card);
    // oxlint-disable-next-line no-await-in-loop -- a person looks at each stop
    const words = await heldForPerson(stage);
    [before, since] = [driven.card, Date.now()];
    if (words !== '') await world.type(words);
    // Somebody else may have pressed meanwhile, and what was read is an old card.
    else if (
      isCardStuck('', buttonsOfMessage(cardOfRun(await world.messages(), run) ?? driven.message))
    )
      await world.press('ann', driven.message, 'run.retry');
  }
}

/** nova's fake driver has its servers in memory alone: since the hosts were started it knows nothing of them. */
export async function rememberServers(lab: RealLab, names: readonly string[]): Promise<void> {
  const words = names.map((name) => `server reboot --hard --wait ${name}`).join('\n');
  // Some releases of the client exit 1 at the end of its input.
  await lab.sh('ctl1', `. /root/openrc; echo '${words}' | openstack || true`);
}
