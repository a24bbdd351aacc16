import { describe, expect, it } from '@jest/globals';
import { maskBoth, maskSecrets } from '../../../handlers/contract/mask.ts';

describe('secrets that people are not shown', () => {
  it.each([
    'admin_token = SECRET',
    'password=SECRET',
    '# rabbit_password: SECRET',
    'metadata_proxy_shared_secret = SECRET SECRET',
    'connection = mysql://nova:SECRET@db1/nova?charset=utf8',
    'transport_url = rabbit://a:SECRET@mq1:5672,b:SECRET@mq2:5672,c:SECRET,SECRET@mq3/',
    'admin_pass = SECRET',
    "SECRET_KEY = 'SECRET'",
    "        'PASSWORD': 'SECRET',",
    'export OS_PASSWORD=SECRET',
    '@hourly keystone-manage --os-token SECRET token_flush',
    '0 3 * * * OS_PASSWORD=SECRET /usr/bin/openstack token revoke',
    '0 3 * * * mysqldump -u root -pSECRET nova',
    'password = \n  SECRET',
    'ssl = x\n-----BEGIN RSA PRIVATE KEY-----\nSECRET\n-----END RSA PRIVATE KEY-----',
  ])('masks %j', (text) => {
    const shown = maskSecrets(text);

    expect(shown).toContain('[REDACTED]');
    expect(shown).not.toMatch(/SECRET(?!_KEY)/);
    expect(shown.split('\n')).toHaveLength(text.split('\n').length);
  });

  it.each([
    'token_format = UUID',
    'bypass = true',
    'hosts = mq1:5672,mq2:5672',
    'ssl_key_file = /etc/ssl/private/x.pem',
    '[token]',
    'auth_url = http://ctl1:5000/v2.0',
    'debug = true\n  indented = 1',
    'password =',
    'host = user@example.org',
    '',
  ])('leaves %j', (text) => {
    expect(maskSecrets(text)).toBe(text);
  });

  it('tells a new secret from one that was there', () => {
    expect(maskBoth('a_token = 1\nb_token = 2', 'a_token = 1\nb_token = 3')).toEqual([
      'a_token = [REDACTED]\nb_token = [REDACTED]',
      'a_token = [REDACTED]\nb_token = [REDACTED, new]',
    ]);
  });
});
