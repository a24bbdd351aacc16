import { cellsHandler } from './openstack/cells.ts';
import { checkHandler } from './commands/check.ts';
import { computeDrainHandler } from './openstack/compute-drain.ts';
import { configHandler } from './files/config.ts';
import { configOptionHandler } from './files/config-option.ts';
import { configReportHandler } from './files/config-report.ts';
import { cronHandler } from './files/cron.ts';
import { dataMigrationHandler } from './databases/data-migration.ts';
import { databaseBackupHandler } from './databases/backup.ts';
import { fileHandler } from './files/file.ts';
import type { AnyHandler } from './contract/handler.ts';
import { hostSnapshotHandler } from './people/host-snapshot.ts';
import { loadbalancerHandler } from './balancer/loadbalancer.ts';
import { manualHandler } from './people/manual.ts';
import { neighboursHandler } from './services/neighbours.ts';
import { novaPinHandler } from './openstack/nova-pin.ts';
import { packageForecastHandler } from './packages/forecast-handler.ts';
import { packageHandler } from './packages/package.ts';
import { packageKeepHandler } from './packages/keep.ts';
import { packageRepairHandler } from './packages/repair.ts';
import { repositoryHandler } from './packages/repository.ts';
import { schemaSyncHandler } from './databases/schema-sync.ts';
import { serviceHandler } from './services/service.ts';
import { serviceRowsHandler } from './openstack/service-rows.ts';
import { shellCommandHandler } from './commands/shell-command.ts';
import { smokeHandler } from './openstack/smoke.ts';
import { staleProcessesHandler } from './services/stale-processes.ts';
import { upgradeCheckHandler } from './openstack/upgrade-check.ts';

/** Every step kind, registered once. */
export const handlers: Readonly<Record<string, AnyHandler>> = Object.fromEntries(
  [
    cellsHandler,
    checkHandler,
    computeDrainHandler,
    configHandler,
    configOptionHandler,
    configReportHandler,
    cronHandler,
    dataMigrationHandler,
    databaseBackupHandler,
    fileHandler,
    hostSnapshotHandler,
    loadbalancerHandler,
    manualHandler,
    neighboursHandler,
    novaPinHandler,
    packageForecastHandler,
    packageHandler,
    packageKeepHandler,
    packageRepairHandler,
    repositoryHandler,
    schemaSyncHandler,
    serviceHandler,
    serviceRowsHandler,
    shellCommandHandler,
    smokeHandler,
    staleProcessesHandler,
    upgradeCheckHandler,
  ].map((handler) => [handler.kind, handler]),
);
