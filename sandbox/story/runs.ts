import { openApproval } from '../slack/find.ts';
import { pretendPeople } from '../slack/people.ts';
import { messagePlace, readMessage } from '../slack/reading.ts';
import type { WorkspaceMessage } from '../slack/slack.ts';
import type { StoryStage } from './stage.ts';

const { ann, ben, chie } = pretendPeople;

/** ann types what starts a run. Answers the id of the run. */
export async function typeRunStart(stage: StoryStage, typed: string): Promise<string> {
  const known = new Set<string>();
  await stage.until('the channel', (messages) => {
    for (const message of messages) known.add(messagePlace(message).run ?? '');
    return true;
  });
  await stage.type(ann, typed);
  return stage.until(`the card of ${typed}`, (messages) =>
    messages
      .map(messagePlace)
      .flatMap(({ place, run }) => (place === 'card' && run !== undefined ? [run] : []))
      .find((run) => !known.has(run)),
  );
}

/** ben approves whatever the run asks, and chie too where one is not enough, until something is found. */
export async function approveUntil<T>(
  stage: StoryStage,
  run: string,
  find: (messages: WorkspaceMessage[]) => T | undefined,
): Promise<T> {
  const pressed = new Set<string>();
  for (;;) {
    const next = await stage.until('the next request or the end', (messages) => {
      const found = find(messages);
      if (found !== undefined) return { found };
      const approval = openApproval(run)(messages);
      if (approval === undefined) return undefined;
      const given = approvalsGiven(approval);
      return pressed.has(`${approval.ts} ${given}`) ? undefined : { approval, given };
    });
    if ('found' in next) return next.found;
    pressed.add(`${next.approval.ts} ${next.given}`);
    await stage.press(next.given === 0 ? ben : chie, next.approval, 'run.approve');
  }
}

/** How many approvals a request has so far. */
export function approvalsGiven(approval: WorkspaceMessage): number {
  const line = readMessage(approval).flatMap(
    (each) => /(\d+) of \d+ approvals?\b/.exec(each) ?? [],
  );
  return Number(line[1] ?? 0);
}
