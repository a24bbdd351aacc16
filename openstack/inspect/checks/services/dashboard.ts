import { command } from '../../../../handlers/contract/command.ts';
import { type InspectionCheck, type CheckAnswer, type CheckContext, taggedRows } from '../check.ts';
import type { Finding } from '../../finding.ts';
import { dashboardShell } from './scripts/embedded.ts';

/** What is known to break the dashboard when its packages are upgraded. */
export const dashboardCheck: InspectionCheck = {
  id: 'dashboard',
  ask: (subject) =>
    subject.chosen
      .filter(({ known }) => known.name === 'horizon')
      .flatMap((one) =>
        one.mainHosts.map((host) => ({
          host,
          commands: [
            command([
              'timeout',
              '30',
              'sh',
              '-c',
              dashboardShell,
              'sh',
              ...(one.here.url === undefined ? [] : [one.here.url]),
            ]),
          ],
        })),
      ),
  read: (said, context) => ({
    findings: said.flatMap((one) => [...broken(one, context), ...styles(one)]),
    facts: {
      dashboards: Object.fromEntries(
        said.flatMap(({ host, outputs: [out] }) =>
          taggedRows(out, 'folder')
            .slice(0, 1)
            .map(([folder = '']) => [host, folder]),
        ),
      ),
    },
  }),
};

interface Break {
  /** What the script has to have said of the host, and what not. */
  readonly where: string;
  readonly unless: string;
  readonly what: string;
  /** What a plan does about it, and by which step. */
  readonly step: string;
  readonly does: string;
  readonly source: string;
}

const breaks: readonly Break[] = [
  {
    where: 'ssl-site',
    unless: 'ssl-module',
    what: 'every configure of its Debian package enables the site default-ssl, and without mod_ssl Apache then refuses to start (Invalid command "SSLEngine")',
    step: 'horizon-ssl-site-off',
    does: 'disables that site',
    source: 'openstack-dashboard-apache 3:25.3 postinst, seen on Debian 12 to 13',
  },
  {
    where: 'debian-wsgi',
    unless: 'global-group',
    what: "Epoxy's Python libraries work in Apache's first interpreter only (ImportError: PyO3 modules may only be initialized once per interpreter process)",
    step: 'horizon-application-group',
    does: 'sets WSGIApplicationGroup %{GLOBAL}',
    source: 'openstack-dashboard 3:25.3 on Debian 13',
  },
];

const broken = (said: CheckAnswer, context: CheckContext): Finding[] =>
  breaks
    .filter(({ where, unless }) => has(said, where) && !has(said, unless))
    .map(({ what, step, does, source }) => ({
      level: 'bad',
      host: said.host,
      what: `the dashboard will break: ${what}`,
      hint: planned(context, step, does),
      source,
    }));

const has = ({ outputs: [out] }: CheckAnswer, tag: string): boolean =>
  taggedRows(out, tag).length > 0;

/** What plans do about it, by the very rules that they are made from. */
function planned({ knowledge }: CheckContext, step: string, does: string): string {
  const codenames = knowledge.rules
    .filter(({ steps }) => steps.includes(step))
    .flatMap((rule) => rule.codenames ?? []);
  return `A plan ${does} after the packages and before Apache starts on hosts that are or become ${codenames.join(', ')}; elsewhere do it yourself.`;
}

function styles(said: CheckAnswer): Finding[] {
  const bad = taggedRows(said.outputs[0], 'sheet').filter(([, status]) => status !== '200');
  if (bad.length === 0) return [];
  return [
    {
      level: 'warn',
      host: said.host,
      what: `${bad.length} style sheets of the login page do not load now already: ${bad.map(([path = '', status = '']) => `${path} (${status})`).join(', ')}`,
      hint: 'Collect the static files anew: manage.py collectstatic --clear, then compress --force.',
    },
  ];
}
