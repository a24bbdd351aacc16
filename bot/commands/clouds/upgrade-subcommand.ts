import type { LineProblem, Subcommand } from '../intent.ts';

/** The path of a cloud to a release, for all of its services or some. */
export interface UpgradeIntent {
  readonly do: 'plan' | 'start';
  readonly cloud: string;
  readonly series: string;
  readonly only?: readonly string[];
  /** The distribution release that hosts should have in the end. */
  readonly codename?: string;
  /** Why the cloud goes straight to the release, whatever OpenStack supports; may be empty where it is only planned. */
  readonly unsupported?: string;
  /** Why a production cloud is upgraded without a rehearsal. */
  readonly unrehearsed?: string;
}

/** A word about the upgrade path of a cloud to a release: `plan CLOUD RELEASE [on CODENAME] [only SERVICE...]`. */
export const upgradeSubcommand = (
  word: UpgradeIntent['do'],
  { about, more }: Required<Pick<Subcommand, 'about' | 'more'>>,
): Subcommand<UpgradeIntent> => ({
  word,
  takes: takes[word],
  about,
  more,
  example: `${word} staging liberty`,
  words: [2, 200],
  intent: ([cloud = '', series = '', ...rest], text): UpgradeIntent | LineProblem => {
    const { plain, reasons } = clauses(word, rest, text);
    const index = plain[0] === 'on' ? 2 : 0;
    const [joint, ...services] = plain.slice(index);
    const codename = index === 0 ? undefined : plain[1];
    if (index !== 0 && codename === undefined)
      return wrong(word, 'After "on" comes the codename of the distribution, such as jammy.');
    if (joint !== undefined && joint !== 'only')
      return wrong(
        word,
        `After the release comes nothing, or "on", "only" or "--unsupported", not "${joint.slice(0, 60)}".`,
      );
    if (joint === 'only' && services.length === 0)
      return wrong(word, 'After "only" come the services to upgrade.');
    const { unsupported, unrehearsed } = reasons;
    if (unrehearsed === '') return wrong(word, 'After "unrehearsed" comes the reason.');
    if (word === 'start' && unsupported === '')
      return wrong(word, 'After "--unsupported" comes the reason.');
    return {
      do: word,
      cloud,
      series,
      ...(codename !== undefined && { codename }),
      ...(joint === 'only' && { only: services }),
      ...(unsupported !== undefined && { unsupported }),
      ...(unrehearsed !== undefined && { unrehearsed }),
    };
  },
});

/** The line of an upgrade after its cloud, as it is typed. */
export const upgradeLine = ({
  series,
  codename,
  only,
  unsupported,
}: Pick<UpgradeIntent, 'series' | 'codename' | 'only' | 'unsupported'>): string =>
  [
    series,
    ...(codename === undefined ? [] : ['on', codename]),
    ...(only === undefined ? [] : ['only', ...only]),
    ...(unsupported === undefined ? [] : ['--unsupported', unsupported || 'REASON']),
  ].join(' ');

const takes = {
  plan: 'CLOUD RELEASE [on CODENAME] [only SERVICE...] [--unsupported]',
  start:
    'CLOUD RELEASE [on CODENAME] [only SERVICE...] [--unsupported REASON] [unrehearsed REASON]',
} as const;

type Reasons = Pick<UpgradeIntent, 'unsupported' | 'unrehearsed'>;

interface Clauses {
  readonly plain: readonly string[];
  readonly reasons: Reasons;
}

// Phones make one dash of two.
const isUnsupported = (word: string): boolean => /^-{1,2}unsupported$/.test(word);

/** The words before the first reason, and the reasons as they were typed. */
function clauses(word: UpgradeIntent['do'], rest: readonly string[], text: string): Clauses {
  const isRehearsed = (one: string): boolean => word === 'start' && one === 'unrehearsed';
  const index = rest.findIndex((one) => isUnsupported(one) || isRehearsed(one));
  if (index === -1) return { plain: rest, reasons: {} };
  const has = (is: (one: string) => boolean): boolean => rest.slice(index).some(is);
  const [, afterUnsupported = ''] = /[-‐‑‒–—―]+unsupported\b(.*)$/is.exec(text) ?? [];
  const [, afterUnrehearsed = ''] = /\bunrehearsed\b(.*)$/is.exec(text) ?? [];
  return {
    plain: rest.slice(0, index),
    reasons: {
      ...(has(isUnsupported) && {
        unsupported:
          word === 'start' ? until(afterUnsupported, /\bunrehearsed\b/i) : afterUnsupported.trim(),
      }),
      ...(has(isRehearsed) && {
        unrehearsed: until(afterUnrehearsed, /[-‐‑‒–—―]+unsupported\b/i),
      }),
    },
  };
}

const until = (said: string, end: RegExp): string => said.split(end)[0]?.trim() ?? '';

const wrong = (word: UpgradeIntent['do'], what: string): LineProblem => ({
  problem: [
    what,
    `/upgrade ${word} ${takes[word]}`,
    `For example: /upgrade ${word} staging liberty only keystone`,
  ].join('\n'),
});
