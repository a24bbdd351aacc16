import type { ServiceManager } from '../../handlers/services/state.ts';
import { systemd } from '../../handlers/services/systemd.ts';
import { sysv } from '../../handlers/services/sysv.ts';
import type { Cloud } from '../../jobs/files/cloud.ts';
import { type CloudServices, servicesOf } from '../cloud/services.ts';
import type { Knowledge } from '../knowledge/knowledge.ts';
import { carriedBy, onDistribution } from '../knowledge/on-distribution.ts';
import type { ChosenService } from '../plan/context.ts';

/** A cloud and what is known, as far as looking at it needs. */
export interface Subject {
  readonly cloud: Cloud;
  readonly knowledge: Knowledge;
  readonly services: CloudServices;
  readonly chosen: readonly ChosenService[];
  readonly manager: ServiceManager;
}

/** Throws `NoServices` or `BadServices`. */
export function subjectOf(cloud: Cloud, knowledge: Knowledge): Subject {
  const services = servicesOf(cloud);
  const release = knowledge.distributions.distributions[services.packages.codename];
  const chosen = knowledge.order.flatMap((name) => {
    const [known, here] = [knowledge.services[name], services.openstack[name]];
    if (known === undefined || here === undefined) return [];
    const carried = carriedBy(known, release);
    return [{ known: release ? onDistribution(carried, release) : carried, here }];
  });
  const manager = release?.init === 'sysv' ? sysv : systemd;
  return { cloud, knowledge, services, chosen, manager };
}
