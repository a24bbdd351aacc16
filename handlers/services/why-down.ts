import { command, type Command } from '../contract/command.ts';
import { whyDownShell } from './scripts/embedded.ts';

/** What systemd, the journal and the service's own log say of its last start, where it does not run. */
export const whyDownCommand = (unit: string, logs = '/var/log'): Command =>
  command(['timeout', '20', 'sh', '-c', whyDownShell, 'sh', unit, logs], { okExits: [0, 124] });
