import type { PlanContext } from '../../../plan/context.ts';
import type { StepDraft } from '../../../plan/step-drafts.ts';

type Backend = NonNullable<PlanContext['services']['loadBalancer']>['backends'][number];

/**
 * The door is what only people come through: a backend of a service that has another one which stays, and those of what is
 * upgraded last. It opens when the cloud was tried; the others as soon as their service answers, since services call each
 * other through them.
 */
type Which = 'all' | 'door' | 'inner';

/** Takes all public backends out: nobody gets in. */
export const backendDrainSteps = (context: PlanContext): StepDraft[] =>
  backendsOf(context, 'all')
    .filter(({ keep }) => keep === undefined)
    .map((backend) => step(context, { backend, state: 'drain' }));

interface Back {
  readonly which: Which;
  /** Only of these services. */
  readonly services?: readonly string[];
  /** The hosts whose servers come back. */
  readonly on: readonly string[];
}

/** Puts the servers of hosts back into the backends that were drained. */
export const backendReadySteps = (
  context: PlanContext,
  { which, services, on }: Back,
): StepDraft[] =>
  backendsOf(context, which)
    .filter(({ keep }) => keep === undefined)
    .filter(({ service }) => services === undefined || services.includes(service))
    .flatMap((backend) => {
      const hosts = serversOf(context, backend).filter((host) => on.includes(host));
      return hosts.length === 0 ? [] : [step(context, { backend, state: 'ready', hosts })];
    });

/** Takes one host out of every backend, also of those that stay during an upgrade: its neighbours go on. */
export const hostOutSteps = (
  context: PlanContext,
  host: string,
  services?: readonly string[],
): StepDraft[] => hostSteps(context, { host, state: 'drain', services });

export const hostBackSteps = (
  context: PlanContext,
  host: string,
  services?: readonly string[],
): StepDraft[] => hostSteps(context, { host, state: 'ready', services }).toReversed();

interface HostTurn {
  readonly host: string;
  readonly state: State;
  readonly services?: readonly string[] | undefined;
}

function hostSteps(context: PlanContext, { host, state, services }: HostTurn): StepDraft[] {
  return backendsOf(context, 'all')
    .filter(({ service }) => services === undefined || services.includes(service))
    .filter((backend) => serversOf(context, backend).includes(host))
    .filter((backend) => backend.keep === undefined || serversOf(context, backend).length > 1)
    .map((backend) => step(context, { backend, state, hosts: [host] }));
}

function backendsOf(context: PlanContext, which: Which): readonly Backend[] {
  const all = (context.services.loadBalancer?.backends ?? []).filter(({ service }) =>
    context.chosen.some(({ known }) => known.name === service),
  );
  const isDoor = ({ service }: Backend): boolean =>
    all.some((other) => other.service === service && other.keep !== undefined) ||
    context.chosen.some(({ known }) => known.name === service && known.last);
  return all.filter((backend) => which === 'all' || isDoor(backend) === (which === 'door'));
}

/** The hosts behind a backend. */
function serversOf(context: PlanContext, { service }: Backend): readonly string[] {
  const chosen = context.chosen.find(({ known }) => known.name === service);
  return chosen?.mainHosts ?? [];
}

/** `server ctl1`, `servers ctl1, ctl2`: HAProxy's own word for the entries of a backend. */
const serversNamed = (names: readonly string[]): string =>
  `server${names.length === 1 ? '' : 's'} ${names.join(', ')}`;

type State = 'drain' | 'ready';

interface Turn {
  readonly backend: Backend;
  readonly state: State;
  /** Without them: all servers. */
  readonly hosts?: readonly string[];
}

function step(context: PlanContext, { backend, state, hosts }: Turn): StepDraft {
  const { on = [], socket = '', waitSeconds = 0 } = context.services.loadBalancer ?? {};
  const { name, service, servers = {} } = backend;
  const isAll = hosts === undefined || hosts.length === serversOf(context, backend).length;
  const called = (hosts ?? []).map((host) => servers[host] ?? host);
  const what = `HAProxy backend ${name}${name.includes(service) ? '' : ` (${service})`}`;
  const title = isAll
    ? { drain: `drain ${what}`, ready: `enable ${what}` }
    : {
        drain: `drain ${serversNamed(called)} in ${what}`,
        ready: `enable ${serversNamed(called)} in ${what}`,
      };
  return {
    id: `${state === 'drain' ? 'drain' : 'ready'}-${name}`,
    title: title[state],
    kind: 'loadbalancer',
    purpose: state === 'drain' ? 'drain' : 'enable',
    service,
    on,
    params: {
      socket,
      backend: name,
      ...(isAll ? {} : { servers: called }),
      state,
      ...(state === 'drain' && { sessions: { waitSeconds } }),
    },
  };
}
