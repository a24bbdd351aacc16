import { databasesOf } from '../../../cloud/databases.ts';
import { freeSpaceCommand } from '../../commands.ts';
import type { BackupSpace } from '../../inspection.ts';
import type { CheckAnswer, CheckContext, InspectionCheck } from '../check.ts';

/** Whether a dump of all databases and its trial restore fit where they go. */
export const backupSpaceCheck: InspectionCheck = {
  id: 'backup-space',
  ask: (subject) => {
    const { on, defaultsFile, backups } = subject.services.database;
    if (databasesOf(subject).length === 0) return [];
    return on.slice(0, 1).map((host) => ({
      host,
      called: 'the free disk space',
      commands: [freeSpaceCommand(defaultsFile, backups)],
    }));
  },
  read: ([said], context) => {
    const room = said && spaceOn(said, context);
    return room === undefined ? {} : { found: { room } };
  },
};

/** Twice the data for the dump and a quarter more than the data for its trial restore, as the backup step asks for. */
function spaceOn(
  { host, outputs: [out] }: CheckAnswer,
  { services, found }: CheckContext,
): BackupSpace | undefined {
  const lines = (out?.stdout ?? '').split('\n').map((line) => line.split('\t'));
  const [backups, data] = ['backups', 'data'].map((name) => {
    const line = lines.find(([first]) => first === name);
    const path = name === 'backups' ? services.database.backups : 'data directory';
    return line && { path, freeBytes: Number(line[1]) * 1024, device: line[2] ?? '' };
  });
  if (backups === undefined || data === undefined) return undefined;
  const total = (found.databases ?? []).reduce((sum, { sizeBytes = 0 }) => sum + sizeBytes, 0);
  const needs = { backupsBytes: total * 2, dataBytes: Math.ceil(total * 1.25) };
  const isShared = backups.device === data.device;
  const isEnough = isShared
    ? backups.freeBytes >= needs.backupsBytes + needs.dataBytes
    : backups.freeBytes >= needs.backupsBytes && data.freeBytes >= needs.dataBytes;
  return { host, backups, data, needs, isEnough };
}
