import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { apiPlacesShell } from '../../../../../openstack/inspect/checks/services/scripts/embedded.ts';
import { factsOf } from '../../../../../openstack/inspect/facts.ts';
import { planUpgrade } from '../../../../../openstack/plan/planner.ts';
import { largeCloud } from '../../../clouds-today.ts';
import { inspectedCloud } from '../../../inspect-answers.ts';
import { knowledge } from '../../../known.ts';

const haproxy = `
global
  ssl-server-verify none # server x 192.0.2.1:1
defaults
  mode http
backend keystone_internal
  server ctl1 192.0.2.11:5000 check
backend keystone_public
  default-server check ssl verify none
  server "ctl1" 192.0.2.11:35357
  server other ipv4@192.0.2.12:35357 no-ssl
backend glance
  server ctl1 192.0.2.11:19292 ssl verify none
  server ctl2 /run/glance.sock
listen nova
  bind :8774
  server ctl3 "$ADDRESS:8774"
  server ctl1 192.0.2.11:8774
backend horizon
  server ctl1 192.0.2.11:443 ssl verify none
`;

const rows = (config: string): string =>
  execFileSync('sh', ['-c', apiPlacesShell, 'sh', '/dev/stdin'], {
    input: config,
    encoding: 'utf8',
  });

const endpoint = (name: string, type: string, URL: string) => ({
  'Service Name': name,
  'Service Type': type,
  Enabled: true,
  Interface: 'internal',
  URL,
});
const catalogue = JSON.stringify([
  endpoint('keystone', 'identity', 'https://vip.example.org:5000/v3'),
  endpoint('placement', 'placement', 'https://192.0.2.11/placement'),
  endpoint('image service', 'image', 'http://ctl2:9292'),
  endpoint('nova', 'compute', 'http://ctl2:8774/v2.1/%(tenant_id)s'),
]);

const cloud = largeCloud('caracal', 'noble', 3);
const found = (config: string, listed: string) =>
  factsOf(
    inspectedCloud((host, line) => {
      if (line.includes('/etc/haproxy/haproxy.cfg') && line.includes('default-server'))
        return { stdout: rows(config) };
      if (line.includes('endpoint list')) return { stdout: listed };
      if (line.includes('default-ssl.conf') && host === 'ctl1')
        return { stdout: 'folder\t/dashboard\n' };
      return { stdout: '' };
    }, cloud),
  );

describe('where APIs answer on their own hosts', () => {
  it('is read from haproxy.cfg as HAProxy reads it, and from the catalogue where it names a host', () => {
    const { apis, dashboards } = found(haproxy, catalogue);

    expect(apis).toEqual({
      keystone: {
        ctl1: { url: 'https://192.0.2.11:35357', anyCertificate: true },
        ctl2: { url: 'http://192.0.2.12:35357' },
      },
      glance: {
        ctl1: { url: 'https://192.0.2.11:19292', anyCertificate: true },
        ctl2: { url: 'http://ctl2:9292' },
      },
      placement: { ctl1: { url: 'https://192.0.2.11/placement' } },
      nova: { ctl1: { url: 'http://192.0.2.11:8774' }, ctl2: { url: 'http://ctl2:8774' } },
      horizon: { ctl1: { url: 'https://192.0.2.11:443', anyCertificate: true } },
    });
    expect(dashboards).toEqual({ ctl1: '/dashboard' });
    expect(found('', 'not found').apis).toEqual({});
  });

  it('is where a plan asks them, host by host, and else at the usual port', () => {
    const facts = { ...found(haproxy, catalogue), databases: {} };
    const { steps } = planUpgrade({ knowledge, cloud, facts, target: 'epoxy' });
    const asked = (id: RegExp, host: string): string[] => [
      ...new Set(
        steps
          .filter((step) => id.test(step.id) && [step.on].flat().includes(host))
          .flatMap(({ params }) => JSON.stringify(params).match(/https?:\/\/[^"\\]*/g) ?? [])
          .filter((url) => !url.includes('[')),
      ),
    ];

    expect(asked(/keystone-check/, 'ctl1')).toEqual(['https://192.0.2.11:35357/v3']);
    expect(asked(/keystone-check/, 'ctl2')).toEqual(['http://192.0.2.12:35357/v3']);
    expect(asked(/keystone-check/, 'ctl3')).toEqual(['http://127.0.0.1:5000/v3']);
    expect(asked(/placement-check/, 'ctl1')).toEqual(['https://192.0.2.11/placement/']);
    expect(asked(/horizon-check/, 'ctl1')).toEqual([
      'https://192.0.2.11:443/dashboard/auth/login/',
    ]);
    expect(asked(/horizon-styles/, 'ctl1')).toContain('https://192.0.2.11:443/dashboard');
    expect(asked(/horizon-styles/, 'ctl2')).toContain('http://127.0.0.1:80/horizon');
    const keystone = steps.find(
      ({ id, kind, on }) => kind === 'check' && /keystone-check/.test(id) && on === 'ctl1',
    );
    expect(keystone?.params).toMatchObject({ http: { anyCertificate: true } });
  });
});
