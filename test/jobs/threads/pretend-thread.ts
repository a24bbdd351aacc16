import { OperatorError } from '../../../handlers/contract/errors.ts';
import { answerQuestions } from '../../../jobs/threads/answer-questions.ts';

const answers = {
  twice: (value: number): number => 2 * value,
  refuse: (): never => {
    throw new OperatorError('planning: there is no way', {
      name: 'NoUpgradePath',
      hint: 'Name another release.',
      disposition: 'ask',
      people: ['UANN'],
    });
  },
  fail: (): never => {
    throw new TypeError('a bug');
  },
  answerWithFunction: () => answers,
  /** Ends the thread the first time that it is asked. */
  endOnce: (shared: Int32Array): number => {
    if (Atomics.add(shared, 0, 1) === 0) process.exit(1);
    return Atomics.load(shared, 0);
  },
  end: (): never => process.exit(1),
  /** Until somebody outside says so. */
  waitFor: (shared: Int32Array): string => Atomics.wait(shared, 0, 0, 60_000),
};
export type PretendAnswers = typeof answers;

answerQuestions(answers);
