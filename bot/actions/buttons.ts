import type { Intent, LineProblem } from '../commands/index.ts';
import { isRunId } from '../commands/intent.ts';
import { parsedJson } from './parsed-json.ts';
import type { Press } from './press.ts';
import { ButtonValue } from '../views/button-value.ts';
import type { ActionName } from '../../jobs/run/action.ts';

/** What each button does: the same as its word, and only for what was seen when it was pressed. */
const buttons: Readonly<Record<string, (pressed: Pressed) => Intent | LineProblem>> = {
  'run.approve': act('approve'),
  'run.reject': act('reject'),
  'run.pause': act('pause'),
  'run.resume': act('resume'),
  'run.abort': act('abort'),
  'run.retry': act('retry'),
  'run.skip': act('skip'),
  'run.fix': fix,
  // The name on cards that were posted before.
  'run.way': fix,
  'run.rollback': rollback,
  'run.confirm': act('confirm'),
  'run.decline': act('decline'),
  'run.done': act('done'),
  'run.ask': ({ run }) => ({ do: 'ask', run }),
  'run.log': ({ run, step, host }) =>
    step === undefined
      ? { do: 'status', run }
      : { do: 'log', run, step, ...(host === undefined ? {} : { host }) },
};

type Pressed = ButtonValue & { readonly input?: string; readonly reason?: string };

function fix({ run, seen, choice }: Pressed): Intent {
  const action = { name: 'fix' as const, seen, ...(choice === undefined ? {} : { choice }) };
  return { do: 'act', run, action };
}

/** What is typed into its window is the phrase. */
function rollback({ run, seen, input = '', reason }: Pressed): Intent {
  const phrase = input === '' ? {} : { phrase: input };
  const why = reason === undefined ? {} : { text: reason };
  return { do: 'act', run, action: { name: 'rollback', seen, ...phrase, ...why } };
}

function act(name: ActionName): (pressed: Pressed) => Intent {
  return ({ run, seen, input }) => ({
    do: 'act',
    run,
    action: { name, seen, ...(input === undefined ? {} : { text: input }) },
  });
}

/** What a pressed button or a submitted modal asks for. */
export function intentOfButton({ action = '', value, input, reason }: Press): Intent | LineProblem {
  const name = action.replace(/\.\d$/, '');
  const button = Object.hasOwn(buttons, name) ? buttons[name] : undefined;
  const pressed = buttonValueOf(value);
  if (button === undefined || pressed === undefined) {
    return {
      problem: 'This button is from another version of Hopscotch. /upgrade help lists the words.',
    };
  }
  return button({
    ...pressed,
    ...(input === undefined ? {} : { input }),
    ...(reason === undefined ? {} : { reason }),
  });
}

/** Undefined for what no button of ours carries. */
export function buttonValueOf(value: string | undefined): ButtonValue | undefined {
  const { data } = ButtonValue.safeParse(parsedJson(value));
  return data !== undefined && isRunId(data.run) ? data : undefined;
}
