import type { Deployment } from '../../deployment.ts';
import { movesWholeHosts } from '../../../path/path.ts';
import { packages } from '../packages.ts';
import { servicePackages } from '../service.ts';
import { earlyFrame } from './frame.ts';
import { repositoryStep } from './repository.ts';

/**
 * Packages of Ubuntu until Queens, which have no rolling upgrade: hosts carry old and new lists side by side, and nothing
 * starts by itself from the first hop to the last.
 */
export const earlyPackages: Deployment = {
  ...packages,
  isFor: ({ knowledge }, { from }) => !movesWholeHosts(from, knowledge),
  strategies: { whole: 'by service', partial: 'by service' },
  frame: earlyFrame,
  steps: (planned, intent) => {
    if (intent.do === 'back up' && intent.what !== 'databases') return [];
    if (intent.do === 'check' && ['packages', 'stale'].includes(intent.what)) return [];
    if (intent.do === 'upgrade packages')
      return intent.what === 'sources'
        ? [repositoryStep(planned.context, planned.hop, true)]
        : servicePackages(planned, intent, () => ({}));
    return packages.steps(
      planned,
      // People are kept out by now; those who come by the catalogue get through all the same.
      intent.do === 'check' && intent.what === 'answers' ? { which: 'all', ...intent } : intent,
    );
  },
};
