import type { Deployment, PlannedCheck, PlannedHop } from '../deployment.ts';
import type { StepDraft } from '../../plan/context.ts';
import { answerSteps } from './answers.ts';
import { archiveSteps, closeArchives } from './archive.ts';
import { backupSteps } from './backup.ts';
import {
  backendDrainSteps,
  backendReadySteps,
  hostBackSteps,
  hostOutSteps,
} from './drain/balancer.ts';
import {
  cellSteps,
  dataMigrationSteps,
  neighbourSteps,
  serviceRowSteps,
  smokeSteps,
  staleSteps,
  upgradeCheckSteps,
} from './checks.ts';
import { configSteps } from './config.ts';
import { computeDrainSteps } from './drain/compute-drain.ts';
import { forecastSteps } from './forecast.ts';
import { balancerFrame, leaveSteps, loginSteps } from './drain/frame.ts';
import { quietPackageOptions } from './host-packages.ts';
import { cellSyncSteps, pinSteps, unpinSteps } from './nova.ts';
import { optionSteps } from './options.ts';
import { reportedSteps } from './reported.ts';
import { rulesOn } from './rules.ts';
import { reportSteps, servicePackages, syncSteps } from './service.ts';
import { hostTiers } from '../../plan/tiers.ts';
import { startSteps, startUnits, stopSteps, unitsOf, unitsToStop } from './units.ts';
import { keepSteps, snapshotSteps } from './way-back.ts';
import { restartSteps, wholeHostSteps } from './whole-host.ts';

/** Packages of Debian or Ubuntu, from Queens on: hosts are upgraded whole, and nothing starts while packages change. */
export const packages: Deployment = {
  tool: 'packages',
  isFor: () => true,
  strategies: { whole: 'by host', partial: 'by service' },
  tiers: hostTiers,
  units: unitsOf,
  unitsToStop: ({ context, all }) => unitsToStop(context, all),

  open: (context) => balancerFrame(context, 'drain'),
  close: (context, last) => [
    ...balancerFrame(context, 'ready').toReversed(),
    ...loginSteps(context, last),
    ...leaveSteps(context, last.hop),
  ],
  check: checkSteps,
  drain: (planned, drain) => {
    const { context } = planned;
    if (drain.what === 'instances') return computeDrainSteps(planned, drain.on, drain.state);
    if (drain.what === 'host')
      return (drain.state === 'out' ? hostOutSteps : hostBackSteps)(context, drain.host);
    return drain.state === 'out'
      ? backendDrainSteps(context)
      : backendReadySteps(context, {
          which: drain.which,
          ...(drain.of && { services: drain.of.map(({ known }) => known.name) }),
          on: drain.on,
        });
  },
  stop: ({ context, all }, units) => stopSteps(context, all, units),
  backUp: ({ context, hop }, back) => {
    if (back.what === 'databases') return backupSteps(context, back.of, back.label);
    const { isPartial } = back;
    return (back.what === 'packages' ? keepSteps : snapshotSteps)(
      context,
      { hop, isPartial },
      context.moved,
    );
  },
  upgradePackages: (planned, upgrade) => {
    const { context, hop, all } = planned;
    if ('on' in upgrade) return wholeHostSteps(context, hop, all, upgrade);
    if (upgrade.what === 'sources')
      return archiveSteps(context, hop, { on: context.moved, keepsOld: true, isPartial: true });
    return servicePackages(planned, upgrade, (on) => quietPackageOptions(context, all, on));
  },
  writeConfiguration: ({ context, all }, { when, on }) => [
    ...all.flatMap((moving) => configSteps(context, moving, when, on)),
    ...(when === 'beforePackages'
      ? []
      : all.flatMap((moving) => optionSteps(moving, on ?? context.moved))),
  ],
  syncSchema: ({ context }, moving) => [
    ...syncSteps(context, moving),
    ...cellSyncSteps(context, moving),
  ],
  migrateData: ({ context, all }, when) => dataMigrationSteps(context, all, when),
  start: (planned, start) => {
    const { context, hop, all } = planned;
    if ('hosts' in start) return restartSteps(hop, start.hosts);
    return 'units' in start
      ? startUnits(context, all, start)
      : startSteps(context, all, { moving: start.of, ...start });
  },
  adapt: (planned, adapt) => {
    const { context, hop, all } = planned;
    if (adapt.slot === 'mixed') return pinSteps(context, all);
    if (adapt.slot === 'unmixed') return unpinSteps(context, all);
    return adapt.slot === 'over' ? closeArchives(context, hop) : rulesOn(planned, adapt);
  },
};

function checkSteps(planned: PlannedHop, look: PlannedCheck): StepDraft[] {
  const { context, hop, all } = planned;
  switch (look.what) {
    case 'packages':
      return forecastSteps(context, hop, all, look.isPartial);
    case 'own checks':
      return upgradeCheckSteps(look.of ?? all, look.when);
    case 'cells':
      return cellSteps(context, all);
    case 'rows':
      return serviceRowSteps(context, look.of ?? all, look.stopped);
    case 'smoke':
      return smokeSteps(context, look);
    case 'reported':
      return reportedSteps(context, all, look.on);
    case 'warnings':
      return look.of.flatMap((moving) => reportSteps(context, moving));
    case 'answers':
      return look.of.flatMap((moving) =>
        answerSteps(context, moving, { which: look.which ?? 'host', on: look.on }),
      );
    case 'stale':
      return look.of === 'services' ? staleSteps(context, all) : neighbourSteps(context, hop, all);
  }
}
