import { command } from '../../../../handlers/contract/command.ts';
import { fewNames } from '../../../../handlers/words/counts.ts';
import { type CheckAnswer, type InspectionCheck, taggedRows } from '../check.ts';
import type { Finding } from '../../finding.ts';
import { servicesByHost } from '../../subject.ts';
import { deprecationsShell } from './scripts/embedded.ts';

/** Options that the services' own logs call deprecated: said by oslo.config at each start, so nothing is restarted for it. */
export const deprecationsCheck: InspectionCheck = {
  id: 'deprecations',
  ask: (subject) =>
    servicesByHost(subject).map(({ host, names }) => ({
      host,
      commands: [command(['timeout', '40', 'sh', '-c', deprecationsShell, 'sh', ...names])],
    })),
  read: (said) => ({ findings: said.flatMap((one) => found(one)) }),
};

interface Deprecated {
  readonly service: string;
  readonly option: string;
  readonly instead: string;
}

/** keystoneclient 1.x announced a name that it never read. */
const isTrap = ({ instead }: Deprecated): boolean => instead.endsWith('] user-name');

function found({ host, outputs: [out] }: CheckAnswer): Finding[] {
  const all = taggedRows(out, 'deprecated').map(
    ([service = '', option = '', group = '', to = '', toGroup = '']): Deprecated => ({
      service,
      option: `[${group}] ${option}`,
      instead: to === '' ? '' : `[${toGroup || group}] ${to}`,
    }),
  );
  return [
    ...all.filter(isTrap).map(({ service, option, instead }): Finding => ({
      level: 'warn',
      host,
      what: `${service}'s log says to use ${instead} instead of ${option}, which is never read`,
      hint: 'Keep username.',
      source:
        'python-keystoneclient@1.7.2:keystoneclient/auth/identity/v2.py; oslo.config@2.4.0:oslo_config/cfg.py',
    })),
    ...[...new Set(all.map(({ service }) => service))].flatMap((service): Finding[] => {
      const names = all
        .filter((one) => one.service === service && !isTrap(one))
        .map(({ option, instead }) => (instead === '' ? option : `${option} (${instead})`));
      if (names.length === 0) return [];
      return [
        {
          level: 'note',
          host,
          what: `${service}'s log calls options deprecated: ${fewNames([...new Set(names)], 8)}`,
          hint: 'A later release drops them. What takes their place stands in brackets; see its release notes before the change.',
        },
      ];
    }),
  ];
}
