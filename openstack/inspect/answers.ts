import type { CommandOutput } from '../../handlers/contract/command.ts';
import type { InspectAnswer } from '../../jobs/redis/inspect-request.ts';
import type { InspectionQuestion } from './question.ts';

/** A question and what its host said to it. */
export interface AnsweredQuestion extends Omit<InspectionQuestion, 'commands'> {
  readonly outputs: readonly CommandOutput[];
}

/** The answers carry no names: they come in the order of the questions of their host. Silent hosts answer nothing. */
export function answeredQuestions(
  asked: readonly InspectionQuestion[],
  answer: InspectAnswer,
): AnsweredQuestion[] {
  const next = new Map<string, number>();
  return asked.flatMap(({ commands, ...question }) => {
    const { host } = question;
    const said = answer[host];
    const from = next.get(host) ?? 0;
    next.set(host, from + commands.length);
    if (said === undefined || 'problem' in said) return [];
    return [{ ...question, outputs: said.outputs.slice(from, from + commands.length) }];
  });
}

/** What a command that did not work had to say. */
export function failureText(said: CommandOutput | undefined): string {
  if (said?.exit === 124) return 'no answer in time';
  const last = (said?.stderr ?? '').split('\n').filter((line) => line.trim() !== '');
  return last.slice(-2).join('; ') || `exit ${said?.exit ?? 'unknown'}`;
}
