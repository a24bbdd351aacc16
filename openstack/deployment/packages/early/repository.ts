import type { PlanContext } from '../../../plan/context.ts';
import type { StepDraft } from '../../../plan/step-drafts.ts';
import type { Hop } from '../../../path/path.ts';
import { retiring } from '../archive.ts';
import { packageSource } from '../path.ts';

/**
 * The archive that packages come from afterwards; lists of others on the path go, as apt takes the highest version that
 * it sees. The list of a lower release may be kept, since a rollback can install only what apt is offered.
 */
export function repositoryStep(context: PlanContext, hop: Hop, keepsOld = false): StepDraft {
  const { cloudArchive } = context.knowledge.distributions;
  const { codename, archive } = packageSource(context);
  const on = context.moved;
  const own = archive === undefined || archive === 'none' ? { uri: cloudArchive.uri } : archive;
  const key = 'keyFile' in own || 'trusted' in own ? {} : { keyPackage: cloudArchive.keyPackage };
  const others = [context.hops[0]?.from, ...context.hops.map(({ to }) => to)];
  const suite = `${codename}-updates/${hop.to}`;
  const what = keepsOld
    ? `add apt repository ${suite}, keep ${hop.titles.from}'s for a rollback`
    : `switch apt to ${suite}`;
  return {
    id: 'repository',
    title: what,
    kind: 'repository',
    purpose: 'switch-repository',
    on,
    params: {
      name: `cloudarchive-${hop.to}`,
      suite,
      components: cloudArchive.components,
      ...own,
      ...key,
      replaces: others
        .filter((series) => series !== hop.to && !(keepsOld && series === hop.from))
        .map((series) => `cloudarchive-${series}`),
      ...retiring(context, hop, keepsOld),
    },
  };
}
