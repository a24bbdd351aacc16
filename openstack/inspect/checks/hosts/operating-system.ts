import { command, type CommandOutput } from '../../../../handlers/contract/command.ts';
import type { InspectionCheck } from '../check.ts';

/** What the system of each host calls itself. */
export const operatingSystemCheck: InspectionCheck = {
  id: 'operating-system',
  ask: ({ cloud }) =>
    Object.keys(cloud.hosts).map((host) => ({
      host,
      called: 'the operating system',
      commands: [command(['cat', '/etc/os-release'])],
    })),
  read: (said) => ({
    found: {
      systems: Object.fromEntries(said.map(({ host, outputs: [out] }) => [host, nameIn(out)])),
    },
  }),
};

/** Empty when it does not say. */
const nameIn = (said: CommandOutput | undefined): string =>
  /^PRETTY_NAME="?(.*?)"?$/m.exec(said?.stdout ?? '')?.[1] ?? '';
