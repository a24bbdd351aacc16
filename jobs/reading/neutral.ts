import type { Plan } from '../run/plan.ts';

/** What stands for the name or address of any host of a plan. */
export const ANY_HOST = '<host>';

/**
 * Takes the hosts of a plan out of texts, so that the same work on other hosts reads the same. How many hosts a text lists
 * does not matter either. Remembers what it was asked: scripts come again and again.
 */
export function hostNeutraliser({ targets }: Pick<Plan, 'targets'>): (text: string) => string {
  const known = new Map<string, string>();
  const names = Object.entries(targets).flatMap(([host, { address }]) => [host, address]);
  const hosts = new Set(names);
  const withColons = names.filter((name) => name.includes(':'));
  const neutral = (text: string): string =>
    withColons
      .reduce((rest, name) => rest.replaceAll(name, ANY_HOST), text)
      .replaceAll(/[\w.-]*\w/g, (word) => (hosts.has(word) || isIpv4(word) ? ANY_HOST : word))
      .replaceAll(LISTED, ANY_HOST);
  return (text) => {
    const found = known.get(text) ?? neutral(text);
    known.set(text, found);
    return found;
  };
}

const isIpv4 = (word: string): boolean => /^\d{1,3}(?:\.\d{1,3}){3}$/.test(word);

/** `<host>, <host> <host>`, with quotes around each where it is JSON. */
const LISTED = /(["']?)<host>\1(?:[\s,]+\1<host>\1)+/g;
