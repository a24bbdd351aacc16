import { lowerFirst } from '../../../handlers/words/letters.ts';
import type { ApiPlace } from '../../cloud/facts.ts';
import type { ChosenService, PlanContext, PlannedService } from '../../plan/context.ts';
import { type StepDraft, groupedHosts } from '../../plan/step-drafts.ts';

/** Looks whether a service answers, after it was started. Checks that log in need the cloud's `openrc`. */
export function answerSteps(
  context: PlanContext,
  moving: PlannedService,
  { which, on }: Looking,
): StepDraft[] {
  const { after, known } = moving;
  return after.checks.flatMap((check) => {
    const logsIn = check.command?.openrc === true;
    if (which !== 'all' && logsIn !== (which === 'login')) return [];
    const hosts = hostsOf(context, moving, check).filter(
      (host) => on === undefined || logsIn || on.includes(host),
    );
    return groupedHosts(hosts, (host) => paramsOn(context, moving, check, host)).map(
      ({ hosts: together, value: params }) => ({
        id: `${known.name}-check-${check.id}`,
        title: lowerFirst(check.title),
        kind: 'check',
        purpose: 'check' as const,
        on: together,
        params,
        service: known.name,
      }),
    );
  });
}

interface Looking {
  /** `login`: as a user, by the addresses of the catalogue. `host`: at the host itself. */
  readonly which: 'all' | 'host' | 'login';
  /** Only there. */
  readonly on?: readonly string[] | undefined;
}

type Check = PlannedService['after']['checks'][number];

function hostsOf(
  { services: { openrc } }: PlanContext,
  { here }: PlannedService,
  { part, http, command }: Check,
): readonly string[] {
  const hosts = here.parts[part] ?? [];
  if (http !== undefined) return hosts;
  if (command?.openrc === true) return openrc?.on.slice(0, 1) ?? [];
  return command === undefined ? [] : hosts.slice(0, 1);
}

function paramsOn(
  context: PlanContext,
  moving: PlannedService,
  { http, command }: Check,
  host: string,
): Record<string, unknown> {
  if (http !== undefined) {
    const { url, ...how } = apiUrl(context, moving, http, host);
    return { http: { url, status: http.status, ...how }, ...patience };
  }
  const { run = [], user, openrc } = command ?? {};
  const login = context.services.openrc;
  return openrc !== true || login === undefined
    ? { command: { run, ...(user && { user }) }, ...patience }
    : { command: { run: ['sh', '-c', '. "$0" && exec "$@"', login.file, ...run] }, ...patience };
}

interface Usual {
  readonly port: number;
  readonly path: string;
}

/**
 * Where an API is asked on its own host: as the cloud file says, else as HAProxy or the catalogue reach it there, else at its
 * usual port. The dashboard's usual folder gives way to the one that it has.
 */
export function apiUrl(
  { facts }: Pick<PlanContext, 'facts'>,
  { here, known }: Pick<ChosenService, 'here' | 'known'>,
  { port, path }: Usual,
  host: string,
): ApiPlace {
  const isDashboard = known.name === 'horizon';
  if (here.url !== undefined)
    return {
      url: `${here.url.replace(/\/+$/, '')}${isDashboard ? path.replace(/^\/horizon\//, '/') : path}`,
    };
  const { url, ...how } = facts.apis[known.name]?.[host] ?? {
    url: `http://${here.address}:${port}`,
  };
  const folder = isDashboard ? facts.dashboards[host] : undefined;
  return {
    ...how,
    url: `${url}${folder === undefined ? path : path.replace(/^\/horizon(?=\/|$)/, folder)}`,
  };
}

/** A minute for a service to come up. */
const patience = { retries: 20, every: 3 };
