import type { DateStyle } from '../views/text.ts';

/**
 * How times are written for a workspace: a local Slack on this machine shows the markup of Slack's own dates as it is.
 * `apiUrl` unset: Slack itself.
 */
export function datesFor(apiUrl: string | undefined): DateStyle {
  if (apiUrl === undefined) return 'slack';
  const { hostname } = new URL(apiUrl);
  return /^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname) ? 'plain' : 'slack';
}
