import { cells } from './openstack/cells.ts';
import { check } from './commands/check.ts';
import { computeDrain } from './openstack/compute-drain.ts';
import { config } from './files/config.ts';
import { configOption } from './files/config-option.ts';
import { configReport } from './files/config-report.ts';
import { cron } from './files/cron.ts';
import { dataMigration } from './databases/data-migration.ts';
import { databaseBackup } from './databases/backup.ts';
import { file } from './files/file.ts';
import type { AnyHandler } from './contract/handler.ts';
import { hostSnapshot } from './people/host-snapshot.ts';
import { loadbalancer } from './balancer/loadbalancer.ts';
import { manual } from './people/manual.ts';
import { novaPin } from './openstack/nova-pin.ts';
import { packages } from './packages/package.ts';
import { packageRepair } from './packages/repair.ts';
import { repository } from './packages/repository.ts';
import { schemaSync } from './databases/schema-sync.ts';
import { service } from './services/service.ts';
import { serviceRows } from './openstack/service-rows.ts';
import { shellCommand } from './commands/shell-command.ts';
import { smoke } from './openstack/smoke.ts';
import { staleProcesses } from './services/stale-processes.ts';
import { upgradeCheck } from './openstack/upgrade-check.ts';

/** Every step kind, registered once. */
export const handlers: Readonly<Record<string, AnyHandler>> = Object.fromEntries(
  [
    cells,
    check,
    computeDrain,
    config,
    configOption,
    configReport,
    cron,
    dataMigration,
    databaseBackup,
    file,
    hostSnapshot,
    loadbalancer,
    manual,
    novaPin,
    packages,
    packageRepair,
    repository,
    schemaSync,
    service,
    serviceRows,
    shellCommand,
    smoke,
    staleProcesses,
    upgradeCheck,
  ].map((handler) => [handler.kind, handler]),
);
