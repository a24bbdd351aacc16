import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { toShell } from '../../../handlers/contract/command.ts';
import { maskSecrets } from '../../../handlers/redaction/redact.ts';

const xml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll("'", '&apos;');
const yaml = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const sql = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
const python = (text: string): string =>
  text.includes("'") && !text.includes('"')
    ? `"${text.replaceAll('\\', '\\\\')}"`
    : `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
const json = (text: string): string => JSON.stringify(text);
const quote = (text: string): string => toShell(['x', text]).slice(2);

/** How a secret stands in a line of each syntax, as programs write it. */
const syntaxes: Readonly<Record<string, (secret: string) => string>> = {
  'INI, around =': (secret) => `password = ${secret}`,
  'INI, bare': (secret) => `rabbit_password=${secret}`,
  'YAML, quoted': (secret) => `db_password: ${yaml(secret)}`,
  'YAML, in a flow': (secret) => `auth: {username: nova, password: ${yaml(secret)}, region: one}`,
  JSON: (secret) => `{"user": "nova", "password": ${json(secret)}, "id": 1}`,
  'JSON in JSON': (secret) => json({ body: `{"admin_pass": ${json(secret)}, "a": 1}` } as never),
  'JSON in a log of JSON': (secret) =>
    json({ message: json({ body: json({ token: secret, a: 1 } as never) } as never) } as never),
  'a dict of Python': (secret) => `{'user': 'nova', 'password': ${python(secret)}, 'x': None}`,
  'a dict of Python 2': (secret) => `{u'passwd': u${python(secret)}, u'user': u'nova'}`,
  'a keyword': (secret) => `connect(user='nova', password=${python(secret)}, port=3306)`,
  'a URL': (secret) => `mysql+pymysql://nova:${encodeURIComponent(secret)}@db1/nova?charset=utf8`,
  'a URL of several hosts': (secret) =>
    `rabbit://a:${encodeURIComponent(secret)}@mq1:5672,b:${encodeURIComponent(secret)}@mq2:5672//`,
  'a query string': (secret) =>
    `GET /x?user=nova&password=${encodeURIComponent(secret)}&a=b HTTP/1.1`,
  'an assignment of a shell': (secret) => `export OS_PASSWORD=${quote(secret)}`,
  'an assignment before a command': (secret) =>
    `OS_PASSWORD=${quote(secret)} openstack server list`,
  'an option': (secret) => `openstack user set --password ${quote(secret)} nova`,
  'an option with =': (secret) => `mariadb-dump --password=${quote(secret)} nova`,
  'curl -u': (secret) => `curl -s -u ${quote(`admin:${secret}`)} https://ctl1/`,
  'mysql -p': (secret) => `mysql -u root ${quote(`-p${secret}`)} nova`,
  'SQL, BY': (secret) => `CREATE USER 'nova'@'%' IDENTIFIED BY ${sql(secret)};`,
  'SQL, PASSWORD()': (secret) => `SET PASSWORD FOR nova = PASSWORD(${sql(secret)});`,
  'an element': (secret) => `<UserName>a</UserName><UserPassword>${xml(secret)}</UserPassword>`,
  'an attribute': (secret) => `<graphics type='vnc' passwd='${xml(secret)}'/>`,
};

/** Printable, and of the letters that syntaxes trip over. */
const anySecret = fc
  .string({
    unit: fc.constantFrom(...'abcXYZ019@:/?#&=%+-_.,;!$^*()[]{}<>|~ \'"\\`é'.split('')),
    minLength: 8,
    maxLength: 24,
  })
  .map((text) => `q7${text.trim()}Zw`);

describe('a secret of any letters', () => {
  it.each(Object.entries(syntaxes))('is hidden whole in %s', (_name, written) => {
    fc.assert(
      fc.property(anySecret, (secret) => {
        const line = `before ${written(secret)}`.slice('before '.length);
        const shown = maskSecrets(line);
        // What stands around it in every text of this syntax.
        const around = maskSecrets(written('q7harmlessZw'));

        expect(shown.replaceAll(/\[REDACTED\]['"`]*/g, '[REDACTED]').length).toBeLessThanOrEqual(
          around.length + 8,
        );
        for (let index = 0; index + 5 <= secret.length; index += 1) {
          const part = secret.slice(index, index + 5);
          if (!/[\w]{2}/.test(part)) continue;
          expect([line, shown.includes(part) && !around.includes(part)]).toEqual([line, false]);
        }
      }),
      { numRuns: 150, seed: 20261122 },
    );
  });
});
