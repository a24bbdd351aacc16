/** `1 step`, `2 steps`. */
export const countText = (number: number, noun: string): string =>
  `${number} ${noun}${number === 1 ? '' : 's'}`;

/** At most three names, then how many more. Not escaped. */
export function fewNames(names: readonly string[], shown = 3): string {
  const rest = names.length - shown;
  return rest <= 0 ? names.join(', ') : `${names.slice(0, shown).join(', ')} and ${rest} more`;
}

/** `nova-api, nova-cert, nova-conductor and 4 more`, and never just one more: for titles, whose commands name all. */
export function listSome(names: readonly string[]): string {
  const rest = names.length - 3;
  return rest <= 1 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${rest} more`;
}
