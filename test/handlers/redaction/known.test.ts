import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { openKnownSecrets } from '../../../handlers/redaction/known.ts';
import { redactText } from '../../../handlers/redaction/redact.ts';

const shown = (text: string, ...secrets: readonly string[]): string =>
  redactText(text, openKnownSecrets(secrets), (secret) => `[REDACTED-${secrets.indexOf(secret)}]`);

const secret = `p@ss "w0rd" <&'é$ x`;

describe('a value that is known to be secret', () => {
  it.each<[string, string]>([
    ['as it is', secret],
    ['in base64', Buffer.from(secret).toString('base64')],
    ['in base64 for URLs', Buffer.from(secret).toString('base64url')],
    ['as hexadecimal digits', Buffer.from(secret).toString('hex')],
    ['in a URL', encodeURIComponent(secret)],
    ['in a form', encodeURIComponent(secret).replaceAll('%20', '+')],
    ['in JSON', JSON.stringify(secret).slice(1, -1)],
    ['in JSON in JSON', JSON.stringify(JSON.stringify(secret).slice(1, -1)).slice(1, -1)],
    ['in single quotes of a shell', secret.replaceAll("'", `'\\''`)],
    ['in double quotes of a shell', secret.replaceAll(/["$`\\]/g, '\\$&')],
    ['with backslashes of a shell', secret.replaceAll(/[^\w@%+=:,./-]/g, '\\$&')],
    [
      'in XML',
      secret
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('"', '&quot;')
        .replaceAll("'", '&#39;'),
    ],
  ])('is masked %s', (_form, written) => {
    expect(shown(`before ${written} behind`, secret)).toBe('before [REDACTED-0] behind');
  });

  it.each([0, 1, 2, 3, 4, 5])(
    'is masked inside of a longer base64, %i bytes from its start',
    (offset) => {
      const long = Buffer.from(`${'x'.repeat(offset)}s3cret-valuerest`).toString('base64');

      const text = shown(long, 's3cret-value');

      expect(text).toContain('[REDACTED-0]');
      expect(
        Buffer.from(text.replaceAll(/\[REDACTED-0\]/g, ''), 'base64').toString(),
      ).not.toContain('s3cret');
    },
  );

  it('reads the same mark wherever it stands, and another one another', () => {
    expect(shown('a=hunter2-a b=hunter2-b c=hunter2-a', 'hunter2-a', 'hunter2-b')).toBe(
      'a=[REDACTED-0] b=[REDACTED-1] c=[REDACTED-0]',
    );
  });

  it('is left where it is an ordinary word, which stands everywhere', () => {
    expect(shown('the service nova is up on 127001', 'nova', 'service', '127001')).toBe(
      'the service nova is up on 127001',
    );
  });

  it('is found in any text around it', () => {
    const around = fc.string({ maxLength: 40 });
    const hidden = fc.stringMatching(/^[A-Za-z0-9+/=_-]{12,20}$/);
    fc.assert(
      fc.property(around, hidden, around, (before, value, behind) => {
        expect(openKnownSecrets([value]).find(`${before}${value}${behind}`)).not.toEqual([]);
      }),
    );
  });
});
