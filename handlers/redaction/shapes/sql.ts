import { isHarmlessValue } from '../names.ts';
import { type SecretSpan, matchesOf } from '../span.ts';
import { quotedTextAt } from './quotes.ts';

/** Passwords in statements of SQL: `IDENTIFIED BY 'x'`, `PASSWORD('x')`, `WITH PASSWORD 'x'`. */
export function sqlSpans(line: string): SecretSpan[] {
  return matchesOf(BEFORE, line)
    .map(({ 0: all, index }) => quotedTextAt(line, index + all.length))
    .flatMap((span) =>
      span === undefined || isHarmlessValue(line.slice(span.start, span.end), 'password')
        ? []
        : [span],
    );
}

const BEFORE =
  /\b(?:IDENTIFIED\s+(?:(?:WITH|VIA)\s+(?:\\*["'`])?\w+(?:\\*["'`])?\s+)?(?:BY|AS|USING)\s+(?:PASSWORD\s*\(?\s*)?|(?:OLD_)?PASSWORD\s*\(\s*|(?:ENCRYPTED\s+)?PASSWORD\s+|PASSWORD\s+FOR\s+\S+\s*=\s*|SET\s+PASSWORD\s+TO\s+|REPLACE\s+(?=\\*')|(?:MASTER|SOURCE)_PASSWORD\s*=\s*|AES_(?:EN|DE)CRYPT\s*\([^,)]*,\s*|\b(?:password|passphrase|secret|token)\s+(?:is\s+)?(?=\\*["']))(?=\\*["'])/gi;
