import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { approvalMessage } from '../../../../bot/views/plan/approval.ts';
import {
  approvalReading,
  approvalWordMessages,
} from '../../../../bot/views/plan/approval-thread.ts';
import {
  doneAnswer,
  errorAnswer,
  refusedAnswer,
  startedAnswer,
} from '../../../../bot/views/answers.ts';
import { gateRequests } from '../../../../bot/outbox/gate-requests.ts';
import type { Message } from '../../../../bot/views/blocks.ts';
import { checkMessageLimits, checkModalLimits } from '../../../../bot/views/limits.ts';
import { stepLog } from '../../../../bot/views/log.ts';
import { wordsModal } from '../../../../bot/views/modals.ts';
import { runCard } from '../../../../bot/views/card/run-card.ts';
import { runList, runStatus } from '../../../../bot/views/status.ts';
import { moreButtons } from '../../../../bot/views/card/buttons.ts';
import { threadLines } from '../../../../bot/views/thread/thread.ts';
import { offeredActions, stateMark } from '../../../../jobs/run/act.ts';
import type { RunEvent } from '../../../../jobs/run/events.ts';
import { fold } from '../../../../jobs/run/fold.ts';
import type { RecogniseFailure } from '../../../../openstack/repair/signature.ts';
import type { Run } from '../../../../jobs/run/run.ts';
import { anyLog, nastyText, plainLog } from '../../../support/runs/any-run.ts';
import { knownCloud } from '../../../support/slack/known-cloud.ts';
import { buttonLabels } from '../../../support/slack/drawn.ts';
import { after } from '../../../support/runs/events.ts';
import type { ActionName } from '../../../../jobs/run/action.ts';

const now = after(3600);
const approvers = ['UANN', 'UBEN', 'S0LEADS'];

/** Knows every failure, in the words that it came with. */
const recognise: RecogniseFailure = ({ output }) => ({
  id: output,
  title: output,
  explanation: output,
  source: output,
  waysOut: Array.from({ length: 8 }, () => ({
    title: output,
    hasSteps: true,
    runs: [output, output],
    after: 'retry' as const,
  })),
});

const look = { approvers, words: { in: 'a file' }, known: knownCloud(approvers) } as const;

const gatesOf = (run: Run): string[] =>
  run.plan.steps.filter(({ gate }) => gate !== undefined).map(({ id }) => id);

const buttonsOf = (message: Message): string[] =>
  Object.keys(buttonLabels(message)).filter((id) => !id.startsWith('look.'));

const drawn = (events: readonly RunEvent[]): object[] => {
  const run = fold(events);
  const [step] = run.plan.steps;
  return [
    runCard(run, now, 'slack', recognise),
    runStatus(run, now, 'slack', recognise),
    runList([run, run], now),
    startedAnswer(run),
    ...gatesOf(run).flatMap((gate) => [
      approvalMessage(run, gate, look),
      ...approvalReading(run, gate, look.known),
      ...approvalWordMessages(run, gate),
    ]),
    ...threadLines(events, { recognise }),
    stepLog(run, { step: step?.id ?? '', host: 'host-0', output: run.plan.title.repeat(3) }),
    ...offeredActions(run).map((name) => doneAnswer(run, { name })),
    doneAnswer(run, { name: 'fix' }),
    ...gateRequests(events).map(({ state, gate, request }) =>
      approvalMessage(state, gate, { ...look, request }),
    ),
  ];
};

describe('whatever a run goes through', () => {
  it('every message about it is one that Slack takes', () => {
    fc.assert(
      fc.property(anyLog, (events) => {
        for (const message of drawn(events)) checkMessageLimits(message);
      }),
    );
  });

  it('nothing that hosts or people wrote becomes a mention, a link or a hidden character', () => {
    const ours =
      /<(?:@U(?:ANN|BEN|CHIE)|!subteam\^S0LEADS|#C0STAGING|!date\^\d+\^[^|<>]*\|[^|<>]*)>/g;

    fc.assert(
      fc.property(anyLog, (events) => {
        for (const message of drawn(events)) {
          const texts = JSON.stringify(message, (key, value: unknown) =>
            // These go to us, not to people; plain text is shown as it is.
            key === 'value' || (isText(value) && value.type === 'plain_text') ? undefined : value,
          );
          expect(texts.replaceAll(ours, '').replaceAll('\\n> ', '')).not.toMatch(
            /[<>]|\u202e|\\u001b/,
          );
        }
      }),
    );
  });

  it('nothing says two full stops, one of many or many of one', () => {
    const nouns = 'step|host|database|command|file|approval|time|run|message|line';
    const wrong = [
      /[.?!]\.(?![.\d])/,
      new RegExp(`(?<![\\w.:-])1 (?:${nouns})s\\b`),
      new RegExp(`(?<![\\w.:-])(?:0|[2-9]|[1-9]\\d+) (?:${nouns})\\b`),
    ];

    fc.assert(
      fc.property(plainLog, (events) => {
        for (const said of drawn(events).flatMap(sentences))
          for (const pattern of wrong) expect(said).not.toMatch(pattern);
      }),
    );
  });

  it('the card offers exactly what may be done, with the mark of what was seen, or says how it ended', () => {
    fc.assert(
      fc.property(anyLog, (events) => {
        const run = fold(events);
        const card = runCard(run, now);
        const offered = offeredActions(run).filter(
          (name) => name !== 'approve' && name !== 'reject',
        );
        const extra = ['look.output', 'look.more', 'run.ask'];
        const more = moreButtons(run);
        const shown = Object.keys(buttonLabels(card));
        const all = [...shown, ...more.map(({ action_id: id = '' }) => id)];
        expect(shown.length).toBeLessThanOrEqual(4);
        expect(shown.includes('look.more')).toBe(more.length > 0);
        expect(all).toHaveLength(new Set(all).size);
        expect(new Set(all.filter((id) => !extra.includes(id)))).toEqual(
          new Set(offered.map((name) => `run.${name}`)),
        );
        for (const name of offered) {
          // A rollback that ends before something has what is to be typed behind that.
          const seen = JSON.stringify({ run: run.id, seen: stateMark(run, name) }).slice(0, -1);
          expect(JSON.stringify([card, more])).toContain(JSON.stringify(seen).slice(0, -1));
        }
        expect(JSON.stringify(card)).toMatch(/\*Next\* {2}[^\s"]/);
      }),
    );
  });

  it('the approval message has its buttons while approving is possible, and only then', () => {
    fc.assert(
      fc.property(anyLog, (events) => {
        const run = fold(events);
        const offered = gatesOf(run).flatMap((gate) => buttonsOf(approvalMessage(run, gate, look)));
        expect(offered).toEqual(
          offeredActions(run).includes('approve') ? ['run.approve', 'run.reject'] : [],
        );
      }),
    );
  });

  it('the thread has one key per line, and a longer log only adds lines', () => {
    fc.assert(
      fc.property(anyLog, fc.nat(), (events, part) => {
        const keys = threadLines(events).map(({ key }) => key);
        const before = threadLines(events.slice(0, 1 + (part % events.length)));

        expect(new Set(keys).size).toBe(keys.length);
        expect(keys.slice(0, before.length)).toEqual(before.map(({ key }) => key));
      }),
    );
  });
});

describe('whatever people and hosts write', () => {
  it('answers and modals about it are ones that Slack takes', () => {
    fc.assert(
      fc.property(anyLog, nastyText(), (events, text) => {
        const run = fold(events);
        const value = { run: run.id, seen: stateMark(run, 'skip') };
        checkMessageLimits(errorAnswer({ message: text, hint: text }));
        checkMessageLimits(
          refusedAnswer({ refused: 'notAllowed', reason: text }, { who: approvers }),
        );
        for (const name of ['reject', 'skip', 'done'] satisfies ActionName[]) {
          checkModalLimits(wordsModal(name, value));
          checkModalLimits(wordsModal(name, value, { run }));
        }
      }),
    );
  });
});

/** What a message shows. */
function sentences(message: object): string[] {
  const found: string[] = [];
  JSON.stringify(message, (key, value: unknown) => {
    if (key === 'text' && typeof value === 'string') found.push(value);
    return value;
  });
  return found;
}

const isText = (value: unknown): value is { type: string } =>
  typeof value === 'object' && value !== null && 'type' in value;
