import type { Output } from '../../handlers/contract/command.ts';
import type { LookAnswer } from '../../jobs/redis/look-request.ts';
import type { Question, Topic } from './question.ts';

/** A question and what its host said to it. */
export interface Answered<T extends Topic = Topic> {
  readonly host: string;
  readonly topic: T;
  readonly outputs: readonly Output[];
}

/** The answers carry no names: they come in the order of the questions of their host. Silent hosts answer nothing. */
export function answersOf(asked: readonly Question[], answer: LookAnswer): Answered[] {
  const next = new Map<string, number>();
  return asked.flatMap(({ host, topic, commands }) => {
    const said = answer[host];
    const from = next.get(host) ?? 0;
    next.set(host, from + commands.length);
    if (said === undefined || 'problem' in said) return [];
    return [{ host, topic, outputs: said.outputs.slice(from, from + commands.length) }];
  });
}

export const of = <K extends Topic['of']>(
  answered: readonly Answered[],
  kind: K,
): Answered<Extract<Topic, { of: K }>>[] =>
  answered.filter((one): one is Answered<Extract<Topic, { of: K }>> => one.topic.of === kind);

/** What a command that did not work had to say. */
export function whyNot(said: Output | undefined): string {
  if (said?.exit === 124) return 'no answer in time';
  const last = (said?.stderr ?? '').split('\n').filter((line) => line.trim() !== '');
  return last.slice(-2).join('; ') || `exit ${said?.exit ?? 'unknown'}`;
}
