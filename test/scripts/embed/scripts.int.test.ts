import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EmbeddedScript, embeddingFiles, readScripts } from '../../../scripts/embed/embed.ts';
import { releasesFile } from '../../../scripts/embed/releases.ts';

const root = join(import.meta.dirname, '../../..');
const scripts = await readScripts(root);
const of = (language: EmbeddedScript['language']): [string, EmbeddedScript][] =>
  scripts.filter((script) => script.language === language).map((script) => [script.path, script]);

/** Those that others include are looked at within them: alone they miss what stands around them. */
const included = new Set(scripts.flatMap(({ includes }) => includes));
const whole = of('Shell').filter(([path]) => !included.has(path));

/**
 * What shellcheck may say of any script. 2034: columns that `read` names and passes over, and what an included file offers.
 * 2317 and 2329: functions that a trap calls. 2015: `A && B || fail`, where neither A nor B fails by itself. 1007: `a= b=`.
 * 1091: /etc/os-release is the host's.
 */
const everywhere = ['SC2034', 'SC2317', 'SC2329', 'SC2015', 'SC1007', 'SC1091'];
const allowedIn = ({ about }: EmbeddedScript): string[] =>
  about.flatMap((line) => /^shellcheck disable=(\S+) \S/.exec(line)?.[1]?.split(',') ?? []);

function complaints(program: string, args: readonly string[], input: string): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { input, encoding: 'utf8' });
  if (error !== undefined) throw error;
  return status === 0 ? '' : stdout + stderr;
}

describe('scripts that run on hosts', () => {
  it('are in the program as they are in their files: npm run embed', () => {
    const now = embeddingFiles(scripts);
    const then = Object.keys(now).map((path) => [path, readFileSync(join(root, path), 'utf8')]);
    expect(Object.fromEntries(then)).toEqual(now);
  });

  it('go with the releases as their files say: npm run embed', async () => {
    const kept = readFileSync(join(root, 'handlers/words/known-releases.ts'), 'utf8');
    expect(kept).toBe(await releasesFile(root));
  });

  it.each(whole)('%s satisfies shellcheck', (_, script) => {
    const shell = script.about.includes('Run by bash.') ? 'bash' : 'sh';
    const excluded = [...everywhere, ...allowedIn(script)].join(',');
    const args = ['--shell', shell, '--exclude', excluded, '--format', 'gcc', '-'];
    expect(complaints('shellcheck', args, script.text)).toBe('');
  });

  it.each(of('Python'))('%s can be read by the oldest Python that hosts have', (_, script) => {
    const oldest = script.about
      .flatMap((line) => /^Needs Python 3\.(\d+)\.$/.exec(line)?.[1] ?? [])
      .concat('4')[0];
    const parse = `import ast, sys; ast.parse(sys.stdin.read(), feature_version=(3, ${oldest}))`;
    expect(complaints('python3', ['-c', parse], script.text)).toBe('');
  });

  it.each(of('Lua'))('%s can be read by the Lua of Redis', (_, script) => {
    expect(complaints('luac5.1', ['-p', '-'], script.text)).toBe('');
  });

  it.each(of('Awk'))('%s can be read by awk', (_, script) => {
    expect(complaints('awk', [`BEGIN { exit }\n${script.text}`], '')).toBe('');
  });
});
