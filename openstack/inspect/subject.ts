import type { ServiceManager } from '../../handlers/services/state.ts';
import { systemdManager } from '../../handlers/services/systemd.ts';
import { sysvManager } from '../../handlers/services/sysv.ts';
import type { Cloud } from '../../jobs/files/cloud.ts';
import { type PlacedServices, servicesOf } from '../cloud/placed.ts';
import type { Knowledge } from '../knowledge/knowledge.ts';
import { releasesOnDistribution } from '../knowledge/on-distribution.ts';
import { type ChosenService, chosenServices, hostDistribution } from '../plan/context.ts';

/** A cloud and what is known, as far as looking at it needs. */
export interface InspectionSubject {
  readonly cloud: Cloud;
  readonly knowledge: Knowledge;
  readonly services: PlacedServices;
  readonly chosen: readonly ChosenService[];
  readonly manager: ServiceManager;
}

/** Throws `NoServices` or `BadServices`. */
export function inspectionSubject(cloud: Cloud, knowledge: Knowledge): InspectionSubject {
  const services = servicesOf(cloud);
  const release = hostDistribution({ knowledge, services });
  const chosen = chosenServices({ knowledge, services }).map((one) => ({
    ...one,
    known: releasesOnDistribution(one.known, release),
  }));
  const manager = release?.init === 'sysv' ? sysvManager : systemdManager;
  return { cloud, knowledge, services, chosen, manager };
}

/** The hosts that have a part of a service, with the names of all that have one there. */
export const servicesByHost = ({
  cloud,
  chosen,
}: InspectionSubject): { readonly host: string; readonly names: readonly string[] }[] =>
  Object.keys(cloud.hosts).flatMap((host) => {
    const names = chosen
      .filter(({ here }) => here.hosts.includes(host))
      .map(({ known }) => known.name);
    return names.length === 0 ? [] : [{ host, names }];
  });
