import type { Problem, Subcommand, UpgradeIntent } from './intent.ts';

/** A word about the road of a cloud to a series: `plan CLOUD SERIES [only SERVICE...]`. */
export const onSeries = (
  word: UpgradeIntent['do'],
  { about, more }: Required<Pick<Subcommand, 'about' | 'more'>>,
): Subcommand => ({
  word,
  takes: takes[word],
  about,
  more,
  example: `${word} staging liberty`,
  words: [2, 200],
  intent: ([cloud = '', series = '', ...rest], text): UpgradeIntent | Problem => {
    const at = word === 'start' ? rest.indexOf('unrehearsed') : -1;
    const [joint, ...services] = at === -1 ? rest : rest.slice(0, at);
    const [, reason = ''] = /\bunrehearsed\s+(\S.*)$/is.exec(text) ?? [];
    if (at !== -1 && reason === '') return wrong(word, 'After "unrehearsed" comes the reason.');
    if (joint !== undefined && joint !== 'only')
      return wrong(word, `After the series comes nothing, or "only", not "${joint.slice(0, 60)}".`);
    if (joint === 'only' && services.length === 0)
      return wrong(word, 'After "only" come the services to upgrade.');
    return {
      do: word,
      cloud,
      series,
      ...(joint === 'only' && { only: services }),
      ...(at !== -1 && { unrehearsed: reason.trim() }),
    };
  },
});

const takes = {
  plan: 'CLOUD SERIES [only SERVICE...]',
  start: 'CLOUD SERIES [only SERVICE...] [unrehearsed REASON]',
} as const;

const wrong = (word: UpgradeIntent['do'], what: string): Problem => ({
  problem: [
    what,
    `/upgrade ${word} ${takes[word]}`,
    `For example: /upgrade ${word} staging liberty only keystone`,
  ].join('\n'),
});
