import { type PlanContext, type StepDraft, type PlannedService } from '../../plan/context.ts';

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
    const { hosts: all, params } = checkOf(context, moving, check);
    const hosts = all.filter((host) => on === undefined || logsIn || on.includes(host));
    if (hosts.length === 0 || params === undefined) return [];
    return [
      {
        id: `${known.name}-check-${check.id}`,
        title: check.title.charAt(0).toLowerCase() + check.title.slice(1),
        kind: 'check',
        purpose: 'check',
        on: hosts,
        params,
        service: known.name,
      },
    ];
  });
}

interface Looking {
  /** `login`: as a user, by the addresses of the catalogue. `host`: at the host itself. */
  readonly which: 'all' | 'host' | 'login';
  /** Only there. */
  readonly on?: readonly string[] | undefined;
}

type Check = PlannedService['after']['checks'][number];

function checkOf(context: PlanContext, moving: PlannedService, { part, http, command }: Check) {
  const hosts = moving.here.parts[part] ?? [];
  if (http !== undefined) {
    const url = urlOf(moving, http);
    return { hosts, params: { http: { url, status: http.status }, ...patience } };
  }
  if (command === undefined) return { hosts: [], params: undefined };
  const { run, user, openrc } = command;
  if (!openrc)
    return {
      hosts: hosts.slice(0, 1),
      params: { command: { run, ...(user && { user }) }, ...patience },
    };
  const login = context.services.openrc;
  if (login === undefined) return { hosts: [], params: undefined };
  return {
    hosts: login.on.slice(0, 1),
    params: {
      command: { run: ['sh', '-c', '. "$0" && exec "$@"', login.file, ...run] },
      ...patience,
    },
  };
}

/** The dashboard's usual folder gives way to the one that the cloud file names. */
function urlOf(
  { here, known }: PlannedService,
  { port, path }: NonNullable<Check['http']>,
): string {
  if (here.url === undefined) return `http://${here.address}:${port}${path}`;
  const below = known.name === 'horizon' ? path.replace(/^\/horizon\//, '/') : path;
  return `${here.url.replace(/\/+$/, '')}${below}`;
}

/** A minute for a service to come up. */
const patience = { retries: 20, every: 3 };
