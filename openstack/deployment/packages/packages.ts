import type { Deployment, PlannedHop } from '../deployment.ts';
import type { Check, Drain, HopIntent } from '../intents.ts';
import type { StepDraft } from '../../plan/step-drafts.ts';
import { answerSteps } from './answers.ts';
import { archiveSteps } from './archive.ts';
import {
  backendDrainSteps,
  backendReadySteps,
  hostBackSteps,
  hostOutSteps,
} from './drain/balancer.ts';
import { reportSteps, serviceRowSteps, smokeSteps, upgradeCheckSteps } from './checks.ts';
import { configSteps } from './config.ts';
import { computeDrainSteps } from './drain/compute-drain.ts';
import { forecastNotes, forecastSteps } from './forecast.ts';
import { packagesFrame } from './drain/frame.ts';
import { keepSteps, newPackageNotes, quietPackageOptions, snapshotSteps } from './host-packages.ts';
import { packagedPath } from './path.ts';
import { cellSteps, reportedSteps } from './nova.ts';
import { adaptSteps, oldProgramSteps } from './rules.ts';
import { backupSteps, dataMigrationSteps, schemaSteps } from './schemas.ts';
import { servicePackages } from './service.ts';
import { hostTiers } from '../../plan/tiers.ts';
import { swappedPrograms } from './early/programs.ts';
import { stepOfTemplate } from './template.ts';
import {
  hopUnits,
  neighbourSteps,
  neighbourUnitSteps,
  staleSteps,
  startSteps,
  stopSteps,
} from './units.ts';
import { restartSteps, wholeHostSteps } from './whole-host.ts';

/** Packages of Debian or Ubuntu, from Queens on: hosts are upgraded whole, and nothing starts while packages change. */
export const packages: Deployment = {
  tool: 'packages',
  isFor: () => true,
  strategies: { whole: 'by host', partial: 'by service' },
  path: packagedPath,
  tiers: hostTiers,
  units: hopUnits,
  frame: packagesFrame,
  notes: ({ context, hop, all }) => [
    ...newPackageNotes(context, all),
    ...(hop === context.hops[0] ? forecastNotes(context) : []),
  ],
  steps: stepsOfIntent,
};

function stepsOfIntent(planned: PlannedHop, intent: HopIntent): StepDraft[] {
  const { context, hop, all } = planned;
  switch (intent.do) {
    case 'drain':
      return drainSteps(planned, intent);
    case 'check':
      return checkSteps(planned, intent);
    case 'stop':
      return stopSteps(planned, intent.units);
    case 'neighbours':
      return neighbourUnitSteps(intent);
    case 'start':
      return startSteps(planned, intent);
    case 'restart hosts':
      return restartSteps(hop, intent.on);
    case 'upgrade hosts':
      return wholeHostSteps(context, hop, all, intent);
    case 'upgrade packages':
      return intent.what === 'sources'
        ? archiveSteps(context, hop, { on: context.moved, keepsOld: true, isPartial: true })
        : servicePackages(planned, intent, (on) => quietPackageOptions(context, all, on));
    case 'swap programs':
      return swappedPrograms(planned, intent.to);
    case 'write configuration':
      return configSteps(planned, intent);
    case 'known step':
      return stepOfTemplate(context, hop, intent.id);
    case 'adapt':
      return adaptSteps(planned, intent);
    case 'migrate data':
      return intent.when === 'stopped'
        ? oldProgramSteps(planned)
        : dataMigrationSteps(context, all, intent.when);
    case 'sync schema':
      return schemaSteps(context, intent.of);
    case 'back up':
      return intent.what === 'databases'
        ? backupSteps(context, intent.of)
        : (intent.what === 'packages' ? keepSteps : snapshotSteps)(
            context,
            { hop, isPartial: intent.isPartial },
            context.moved,
          );
  }
}

function drainSteps(planned: PlannedHop, drain: Drain): StepDraft[] {
  const { context } = planned;
  switch (drain.what) {
    case 'instances':
      return computeDrainSteps(planned, drain.on, drain.state);
    case 'host':
      return (drain.state === 'out' ? hostOutSteps : hostBackSteps)(
        context,
        drain.host,
        drain.of?.map(({ known }) => known.name),
      );
    case 'people':
      return drain.state === 'out'
        ? backendDrainSteps(context)
        : backendReadySteps(context, {
            which: drain.which,
            ...(drain.of && { services: drain.of.map(({ known }) => known.name) }),
            on: drain.on,
          });
  }
}

function checkSteps(planned: PlannedHop, look: Check): StepDraft[] {
  const { context, hop, all } = planned;
  switch (look.what) {
    case 'packages':
      return forecastSteps(context, hop, all, look.isPartial);
    case 'own checks':
      return upgradeCheckSteps(look.of ?? all, look.when);
    case 'rows':
      return serviceRowSteps(context, look.of ?? all, look.stopped);
    case 'smoke':
      return smokeSteps(context, look);
    case 'warnings':
      return look.of.flatMap((moving) => reportSteps(context, moving));
    case 'answers':
      return look.of.flatMap((moving) =>
        answerSteps(context, moving, { which: look.which ?? 'host', on: look.on }),
      );
    case 'cells':
      return cellSteps(context, all);
    case 'reported':
      return reportedSteps(planned, look.on);
    case 'stale':
      return look.of === 'services' ? staleSteps(planned) : neighbourSteps(planned);
  }
}
