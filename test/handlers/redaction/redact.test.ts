import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { findSecrets, maskBoth, maskSecrets } from '../../../handlers/redaction/redact.ts';

const kinds: Readonly<Record<string, readonly string[]>> = {
  'options of a file': [
    'admin_token = SECRET',
    'password=SECRET',
    '# rabbit_password: SECRET',
    'metadata_proxy_shared_secret = SECRET SECRET',
    'admin_pass = SECRET',
    "SECRET_KEY = 'SECRET'",
    'password = "blanks SECRET blanks"',
    'password = \n  SECRET',
    'memcache_secret_key = SECRET',
    'hsm_pin = SECRET',
    '+password = SECRET\n-password = SECRET',
    'error in admin_token = SECRET at line 3',
    'connecting with password=SECRET to host',
    'wsrep_sst_auth = sst:SECRET',
  ],
  'JSON and dicts': [
    "        'PASSWORD': 'SECRET',",
    '{"auth": {"password": {"user": {"name": "admin", "password": "SECRET"}}}}',
    "{u'username': u'nova', u'password': u'SECRET'}",
    '{"message": "sent {\\"password\\": \\"SECRET\\"}"}',
    '{"a": "{\\\\\\"token\\\\\\": \\\\\\"SECRET\\\\\\"}"}',
    '"password":\n  "SECRET"',
    '"passwords": ["SECRET", "b SECRET"]',
    '"pin": 1, "hsm_pin": "SECRET"',
    "Auth(user='nova', password='SECRET')",
    "config['password'] = 'SECRET'",
  ],
  YAML: [
    'password: SECRET',
    '- db_password: SECRET',
    'password: |\n  SECRET\n  SECRET\nuser: nova',
  ],
  'query strings': [
    'GET /v2/x?password=SECRET&b=2',
    'GET /x?b=2&access_token=SECRET',
    'next=%2Fx%3Fpassword%3DSECRET%26y',
  ],
  URLs: [
    'connection = mysql://nova:SECRET@db1/nova?charset=utf8',
    'transport_url = rabbit://a:SECRET@mq1:5672,b:SECRET@mq2:5672,c:SECRET,SECRET@mq3/',
    'transport_url = rabbit://a:p@SECRET@mq1:5672,b:SECRET@SECRET@mq2:5672//',
    'redis://:SECRET@r1:6379/0',
    'mysql://nova:SEC/SECRET@db1/nova',
    'mysql://nova:SECRET',
    'url=rabbit%3A%2F%2Fnova%3ASECRET%40mq1%3A5672',
    'SECRET@mq1:5672,nova:SECRET@mq2:5672/',
    'could not translate host name "SECRET@db1.example.org" to address',
    'AMQP server on SECRET@mq1:5672 is unreachable',
  ],
  'HTTP headers': [
    'X-Auth-Token: SECRET',
    "curl -H 'X-Auth-Token: SECRET' http://ctl1:5000/v3",
    'Authorization: Bearer SECRET',
    '"authorization": "Basic SECRET"',
    'Set-Cookie: sessionid=SECRET; path=/',
  ],
  SQL: [
    "CREATE USER 'nova'@'%' IDENTIFIED BY 'SECRET';",
    "GRANT ALL ON *.* TO 'nova'@'%' IDENTIFIED BY PASSWORD '*SECRET'",
    "ALTER USER nova IDENTIFIED VIA mysql_native_password USING PASSWORD('SECRET')",
    "CREATE ROLE nova WITH LOGIN PASSWORD 'SECRET'",
  ],
  'command lines': [
    'export OS_PASSWORD=SECRET',
    '@hourly keystone-manage --os-token SECRET token_flush',
    '0 3 * * * OS_PASSWORD=SECRET /usr/bin/openstack token revoke',
    '0 3 * * * mysqldump -u root -pSECRET nova',
    'mariadb -u root -pSECRET',
    "['mysql', '-u', 'root', '-pSECRET']",
    'curl -u admin:SECRET http://ctl1',
    "curl -s --user 'admin:SECRET' http://ctl1",
    'curl -u \\\n  admin:SECRET \\\n  http://ctl1',
    'rabbitmqctl change_password nova SECRET',
    "echo 'nova:SECRET' | chpasswd",
    'sshpass -p SECRET ssh ctl1',
  ],
  XML: [
    '<UserName>admin</UserName><UserPassword>SECRET</UserPassword>',
    '<password>\n  SECRET\n</password>',
    "<graphics type='vnc' passwd='SECRET'/>",
  ],
  'names and values side by side': [
    '    stats auth admin:SECRET',
    'userlist ops\n  user admin insecure-password SECRET',
    '  user admin password $5$SECRETSECRET$SECRETSECRET',
    'key "designate" { algorithm hmac-sha256; secret "SECRET"; };',
    '    auth_pass SECRET',
    'requirepass SECRET',
    'default login nova password SECRET',
    'db1:5432:nova:nova:SECRET',
    '{default_pass, <<"SECRET">>},',
    '| adminPass | SECRET |',
  ],
  'private keys': [
    'ssl = x\n-----BEGIN RSA PRIVATE KEY-----\nSECRET\n-----END RSA PRIVATE KEY-----',
    'x: "-----BEGIN PRIVATE KEY-----\\nSECRET\\nSECRET==\\n-----END PRIVATE KEY-----\\n"',
    `${'SECRETa9'.repeat(8)}\n${'SECRETa9'.repeat(8)}\nSECRET==\n-----END PRIVATE KEY-----`,
    `${'SECRETa9'.repeat(8)}\n${'SECRETa9'.repeat(8)}`,
  ],
};

const lines = z
  .strictObject({ hidden: z.array(z.string()), shown: z.array(z.string()) })
  .parse(parse(readFileSync(new URL('lines.yaml', import.meta.url), 'utf8')));

describe('secrets that people are not shown', () => {
  it.each(lines.hidden)('masks %j', (text) => {
    const shown = maskSecrets(text);

    expect(shown).toContain('[REDACTED]');
    expect(shown).not.toMatch(/Zx9Secret|pa@/);
    expect(maskSecrets(shown)).toBe(shown);
  });

  it.each(lines.shown)('shows %j', (text) => {
    expect(maskSecrets(text)).toBe(text);
  });

  it.each(Object.entries(kinds).flatMap(([kind, texts]) => texts.map((text) => [kind, text])))(
    'masks, in %s: %j',
    (_kind, text = '') => {
      const shown = maskSecrets(text);

      expect(shown).toContain('[REDACTED]');
      expect(shown).not.toMatch(/SECRET(?!_KEY)/);
      expect(shown.split('\n')).toHaveLength(text.split('\n').length);
    },
  );

  it.each([
    'token_format = UUID',
    'bypass = true',
    'hosts = mq1:5672,mq2:5672',
    'ssl_key_file = /etc/ssl/private/x.pem',
    'ssl_key = /etc/ssl/private/x.pem',
    '[token]',
    'auth_url = http://ctl1:5000/v2.0',
    'debug = true\n  indented = 1',
    'password =',
    'password = $nova_password',
    'password: {{ nova_password }}',
    'password = ${DB_PASSWORD}',
    'host = user@example.org',
    'git@github.com:openstack/nova.git',
    'id = 11111111-2222-3333-4444-555555555555',
    'sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    `${'9f86d081'.repeat(8)}\n${'9f86d081'.repeat(8)}`,
    'X-Auth-Token: {SHA256}9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    'ii  nova-api 2:27.0.0-3+deb13u6',
    '  Package pin: 2:27.0.0-3',
    "Access denied for user 'nova'@'10.0.0.1' (using password: YES)",
    "Duplicate entry 'x' for key 'PRIMARY'",
    'Invalid password: must be longer',
    'password_expires_days = 90',
    'key: cpu_arch',
    'mysql -u nova -p nova',
    'GET /v3/auth/tokens HTTP/1.1',
    `-----BEGIN CERTIFICATE-----\n${'MIIabc19'.repeat(8)}\n${'MIIabc19'.repeat(8)}\n-----END CERTIFICATE-----`,
    'nothing follows -----BEGIN PRIVATE KEY-----\nand this is to be read',
    '',
  ])('leaves %j', (text) => {
    expect(maskSecrets(text)).toBe(text);
  });

  it('masks what it has masked no second time', () => {
    const texts = Object.values(kinds).flat().map(maskSecrets);

    expect(texts.map(maskSecrets)).toEqual(texts);
  });

  it('finds the end of a value: what stands behind it stays readable', () => {
    expect(maskSecrets('OS_PASSWORD=a openstack token revoke')).toBe(
      'OS_PASSWORD=[REDACTED] openstack token revoke',
    );
    expect(maskSecrets('{"password": "a", "user": "nova"}')).toBe(
      '{"password": "[REDACTED]", "user": "nova"}',
    );
    expect(maskSecrets('(user=nova,password=a,host=db1)')).toBe(
      '(user=nova,password=[REDACTED],host=db1)',
    );
  });

  it('tells where in a text they are', () => {
    expect(findSecrets('user = nova\npassword = abc\n')).toEqual([{ start: 23, end: 26 }]);
  });

  it('tells a new secret from one that was there', () => {
    expect(maskBoth('a_token = 1\nb_token = 2', 'a_token = 1\nb_token = 3')).toEqual([
      'a_token = [REDACTED]\nb_token = [REDACTED]',
      'a_token = [REDACTED]\nb_token = [REDACTED, new]',
    ]);
  });

  it('takes a time that grows with the length of a text, and not with its square', () => {
    const parts = [
      'mysql -u x ',
      '"password": ',
      'a@b:',
      "'",
      '{"a":',
      '<password>',
      '--x ',
      '://a:',
    ];

    for (const part of parts) expect(maskSecrets(part.repeat(10_000)).length).toBeGreaterThan(0);
  });
});
