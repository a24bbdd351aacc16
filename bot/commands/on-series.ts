import type { Problem, Subcommand, UpgradeIntent } from './intent.ts';

/** A word about the road of a cloud to a series: `plan CLOUD SERIES [only SERVICE...]`. */
export const onSeries = (
  word: UpgradeIntent['do'],
  { about, more }: Required<Pick<Subcommand, 'about' | 'more'>>,
): Subcommand => ({
  word,
  takes: 'CLOUD SERIES [only SERVICE...]',
  about,
  more,
  example: `${word} staging liberty`,
  words: [2, 40],
  intent: ([cloud = '', series = '', joint, ...services]): UpgradeIntent | Problem => {
    if (joint === undefined) return { do: word, cloud, series };
    if (joint !== 'only' || services.length === 0) return wrong(word, joint);
    return { do: word, cloud, series, only: services };
  },
});

const wrong = (word: string, joint: string): Problem => ({
  problem: [
    joint === 'only'
      ? 'After "only" come the services to upgrade.'
      : `After the series comes nothing, or "only" and services, not "${joint.slice(0, 60)}".`,
    `/upgrade ${word} CLOUD SERIES [only SERVICE...]`,
    `For example: /upgrade ${word} staging liberty only keystone`,
  ].join('\n'),
});
