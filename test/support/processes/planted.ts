import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { formsOfSecret } from '../../../handlers/redaction/forms.ts';

/** A secret of one's own for each syntax, which stands nowhere else. */
export interface Planted {
  readonly secret: string;
  readonly text: string;
}

type Syntax = (secret: string) => string;

/** Ways in which configuration files and outputs write a secret. */
const syntaxes: readonly Syntax[] = [
  (s) => `admin_password = ${s}`,
  (s) => `rpc_secret=${s}`,
  (s) => `connection = mysql+pymysql://nova:${encodeURIComponent(s)}@db1/nova`,
  (s) => `transport_url = rabbit://a:${s}@h1:5672,b:${s}@h2:5672/`,
  (s) => `  "password": ${JSON.stringify(s)},`,
  (s) => `{'user': 'nova', 'passwd': '${s}'}`,
  (s) => `db_password: "${s}"`,
  (s) => `<password>${s.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</password>`,
  (s) => `curl -u admin:${s} http://api1:5000/v3`,
  (s) => `mariadb -u root -p${s} nova`,
  (s) => `export OS_PASSWORD='${s}'`,
  (s) => `CREATE USER 'nova'@'%' IDENTIFIED BY '${s}';`,
  (s) => `X-Auth-Token: ${s}`,
  (s) => `Authorization: Bearer ${s}`,
  (s) => `GET /v1/secrets?access_token=${s} HTTP/1.1`,
  (s) =>
    `key "rndc-key" { algorithm hmac-sha256; secret "${Buffer.from(s).toString('base64')}"; };`,
  (s) => `stats auth admin:${s}`,
  (s) => `user ops insecure-password ${s}`,
  (s) => `kek = '${Buffer.from(s.padEnd(32)).toString('base64')}'`,
  (s) => `root_token_id = ${s}`,
  (s) => `approle_secret_id = ${s}`,
  (s) => `hsm_pin = ${s}`,
  (s) =>
    `-----BEGIN PRIVATE KEY-----\n${Buffer.from(s.repeat(9)).toString('base64').slice(0, 64)}\n-----END PRIVATE KEY-----`,
  (s) => `2026-11-30 12:00:00 ERROR login with admin_token = ${s} was refused`,
];

/** Letters and digits alone: no form of them is another one. */
export const plainSecret = (number: number): string => `Zq${number}Pl4nted${number * 7919}x`;

/** So many secrets, each in the next of the syntaxes. */
export const plantedLines = (from: number, count: number): Planted[] =>
  Array.from({ length: count }, (_, index) => {
    const secret = plainSecret(from + index);
    const syntax = syntaxes[(from + index) % syntaxes.length];
    return { secret, text: syntax?.(secret) ?? secret };
  });

/** Which of these secrets a text shows, in any of their forms. */
export const shownIn = (text: string, secrets: readonly string[]): string[] =>
  secrets.filter((secret) => formsOfSecret(secret).some((form) => text.includes(form)));

/** Every command line that shows in `/proc` until it is stopped. */
export function watchProcessLists(): { readonly stop: () => Promise<string> } {
  const seen = new Set<string>();
  const ending = new AbortController();
  const watching = (async () => {
    while (!ending.signal.aborted) {
      for (const pid of readdirSync('/proc')) {
        if (!/^\d+$/.test(pid)) continue;
        try {
          seen.add(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
        } catch {
          // It has ended.
        }
      }
      await sleep(15);
    }
  })();
  return {
    stop: async () => {
      ending.abort();
      await watching;
      return [...seen].join('\n');
    },
  };
}
