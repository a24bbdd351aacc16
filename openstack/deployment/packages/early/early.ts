import type { Deployment } from '../../deployment.ts';
import { movesWholeHosts } from '../../../path/distribution-path.ts';
import { balancerFrame } from '../drain/frame.ts';
import { packages } from '../packages.ts';
import { servicePackages } from '../service.ts';
import { cronSteps, holdStep, releaseStep, soleRepositoryStep } from './frame.ts';
import { repositoryStep } from './repository.ts';

/**
 * Packages of Ubuntu until Queens, which have no rolling upgrade: hosts carry old and new lists side by side, and nothing
 * starts by itself from the first hop to the last.
 */
export const earlyPackages: Deployment = {
  ...packages,
  isFor: ({ knowledge }, { from }) => !movesWholeHosts(from, knowledge),
  strategies: { whole: 'by service', partial: 'by service' },

  open: (context) => [...balancerFrame(context, 'drain'), holdStep(context)],
  close: (context, { hop }) => [
    ...soleRepositoryStep(context, hop),
    ...cronSteps(context, hop),
    releaseStep(context),
    ...balancerFrame(context, 'ready').toReversed(),
  ],
  check: (planned, look) => {
    if (look.what === 'packages' || look.what === 'stale') return [];
    // People are kept out by now; those who come by the catalogue get through all the same.
    return packages.check(planned, look.what === 'answers' ? { which: 'all', ...look } : look);
  },
  backUp: (planned, back) => (back.what === 'databases' ? packages.backUp(planned, back) : []),
  upgradePackages: (planned, upgrade) => {
    if ('on' in upgrade) return packages.upgradePackages(planned, upgrade);
    return upgrade.what === 'sources'
      ? [repositoryStep(planned.context, planned.hop, planned.hop.from)]
      : servicePackages(planned, upgrade, () => ({}));
  },
};
