import { listSome } from '../../../handlers/words/counts.ts';
import type { PlanContext, PlannedService } from '../../plan/context.ts';
import { type StepDraft, groupedHosts } from '../../plan/step-drafts.ts';
import type { PlannedHop } from '../deployment.ts';
import type { PackageUpgrade } from '../intents.ts';
import { noStepsKnown } from '../../plan/planned-hop.ts';
import { packagesOnHost, wayBackParam } from './host-packages.ts';

/** How packages of a service are installed on hosts: what their installation must not start, and what it is answered. */
type Quiet = (on: readonly string[]) => Readonly<Record<string, unknown>>;

/** Packages of services: where their main parts are, each by itself, or on all other hosts. */
export const servicePackages = (
  { context, hop }: PlannedHop,
  { what, of }: PackageUpgrade,
  quiet: Quiet,
): StepDraft[] =>
  what === 'main'
    ? of.flatMap((moving) => mainPackageSteps(context, moving, quiet))
    : restPackages(context, { hop, all: of }, quiet);

/** Throws `NoSteps` where there are none. */
function mainPackageSteps(context: PlanContext, moving: PlannedService, quiet: Quiet): StepDraft[] {
  const packages = mainPackages(context, moving);
  if (packages.length === 0) throw noStepsKnown(context, moving.known.name, moving.hop);
  return packages.map((draft) => ({
    ...draft,
    params: { ...draft.params, ...quiet(draft.on) },
  }));
}

/** Packages of the hosts that the services' main parts are not on. */
// All services of a host in one go: they share libraries, which move with the first of them.
function restPackages(
  context: PlanContext,
  { hop, all }: Pick<PlannedHop, 'hop' | 'all'>,
  quiet: Quiet,
): StepDraft[] {
  const missing = (host: string): string[] =>
    all
      .filter((moving) => !moving.mainHosts.includes(host))
      .flatMap((moving) => packagesOnHost(context, moving, host));
  return groupedHosts(context.moved, (host) => ({
    install: [...new Set(missing(host))],
    back: wayBackParam(context, { hop, isPartial: true }, host),
  }))
    .filter(({ value }) => value.install.length > 0)
    .map(({ hosts: on, value: { install, back } }) => ({
      id: 'rest-packages',
      title: `install ${listSome(install)}`,
      kind: 'package',
      purpose: 'upgrade-packages',
      on,
      params: { install, ...back, ...quiet(on) },
      batch: 1,
    }));
}

// Packages of one service depend on each other by exact version, so all its parts on a host move together.
export function mainPackages(context: PlanContext, moving: PlannedService): StepDraft[] {
  const { known, hop } = moving;
  const hosts = moving.mainHosts;
  return groupedHosts(hosts, (host) => ({
    install: packagesOnHost(context, moving, host),
    back: wayBackParam(context, { hop, isPartial: true }, host),
  }))
    .filter(({ value }) => value.install.length > 0)
    .map(({ hosts: on, value: { install, back } }) => ({
      id: `${known.name}-packages`,
      title: `install ${listSome(install)}`,
      kind: 'package',
      purpose: 'upgrade-packages',
      on,
      params: { install, ...back },
      service: known.name,
    }));
}
