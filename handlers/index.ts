import { cells } from './cells.ts';
import { check } from './check.ts';
import { computeDrain } from './compute-drain.ts';
import { config } from './config.ts';
import { configOption } from './config-option.ts';
import { configReport } from './config-report.ts';
import { cron } from './cron.ts';
import { dataMigration } from './data-migration.ts';
import { databaseBackup } from './database-backup.ts';
import { file } from './file.ts';
import type { AnyHandler } from './handler.ts';
import { hostSnapshot } from './host-snapshot.ts';
import { loadbalancer } from './loadbalancer.ts';
import { manual } from './manual.ts';
import { novaPin } from './nova-pin.ts';
import { packages } from './package.ts';
import { packageRepair } from './package-repair.ts';
import { repository } from './repository.ts';
import { schemaSync } from './schema-sync.ts';
import { service } from './service.ts';
import { serviceRows } from './service-rows.ts';
import { shellCommand } from './shell-command.ts';
import { smoke } from './smoke.ts';
import { staleProcesses } from './stale-processes.ts';
import { upgradeCheck } from './upgrade-check.ts';

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
