/** The id of a step by its place in the runbook. */
export const stepId = (index: number): string => `s${String(index).padStart(3, '0')}`;

/** What each step of a run does: it writes down, on its host, that it was there. */
export const ledgerLines = (path: string, steps: number): string[] =>
  Array.from({ length: steps }, (_, index) => `echo "$SSH_CONNECTION ${stepId(index)}" >>${path}`);

/** What is wrong with a ledger: each step on each host, once and in order, is what it should hold. Undefined: nothing. */
export function wrongInLedger(
  text: string,
  { hosts, steps }: { readonly hosts: readonly string[]; readonly steps: number },
): string | undefined {
  const seen = new Map<string, string[]>();
  for (const line of text.split('\n').filter(Boolean)) {
    const [, , host = '', , step = ''] = line.split(' ');
    seen.set(host, [...(seen.get(host) ?? []), step]);
  }
  const wanted = Array.from({ length: steps }, (_, index) => stepId(index)).join(' ');
  for (const host of hosts) {
    const found = (seen.get(host) ?? []).join(' ');
    if (found !== wanted) return `on ${host} there ran: ${found || 'nothing'}`;
  }
  const strangers = [...seen.keys()].filter((host) => !hosts.includes(host));
  return strangers.length === 0 ? undefined : `it ran on ${strangers.join(', ')} as well`;
}
