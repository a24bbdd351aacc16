import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { toShell, type CommandOutput } from '../../handlers/contract/command.ts';
import { boundHandler, definedCommand, runHere, StepUnderTest } from '../support/steps/step.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'step it\'s "ä" '));
});
afterEach(() => rmSync(dir, { recursive: true }));

describe('file', () => {
  const latin1 = Buffer.from([0x66, 0xfc, 0x72, 0x0a, 0x00, 0xff, 0xfe]);
  const contents = {
    'plain text': Buffer.from('[DEFAULT]\ndebug = true\n'),
    'no newline at its end': Buffer.from('a\n\n\nb'),
    'nothing in it': Buffer.alloc(0),
    'bytes that are not UTF-8': latin1,
    'only newlines': Buffer.from('\n\n\n'),
    'a byte order mark and emoji': Buffer.from('\ufeffx\u{1f600}\n'),
    'all that may be kept': Buffer.alloc(512 * 1024, 'line of text\n'),
  };

  it.each(Object.entries(contents))('puts back a file with %s', async (_what, content) => {
    const path = join(dir, '-it\'s $(a) "file"');
    writeFileSync(path, content);
    chmodSync(path, 0o610);
    const step = new StepUnderTest('file', { path, content: "new 'text'\nä $HOME\\n" });

    expect(await step.run()).toBe(true);
    expect(readFileSync(path, 'utf8')).toBe("new 'text'\nä $HOME\\n");
    expect(modeOf(path)).toBe('610');
    expect(await step.back()).toBe(true);
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(modeOf(path)).toBe('610');
    expect(readdirSync(dir)).toHaveLength(1);
  });

  it('removes a file that it made, and leaves nothing else behind', async () => {
    const path = join(dir, 'new.conf');
    const step = new StepUnderTest('file', { path, content: 'x', mode: '0600' });

    expect(await step.run()).toBe(true);
    expect(modeOf(path)).toBe('600');
    expect(await step.back()).toBe(true);
    expect(readdirSync(dir)).toEqual([]);
  });

  it('gives a new file a mode that others can read', async () => {
    const path = join(dir, 'new.conf');

    expect(await new StepUnderTest('file', { path, content: 'x' }).run()).toBe(true);
    expect(modeOf(path)).toBe('644');
  });

  it('puts back a file that it removed, with its mode', async () => {
    const path = join(dir, 'old.conf');
    writeFileSync(path, latin1);
    chmodSync(path, 0o640);
    const step = new StepUnderTest('file', { path, absent: true });

    expect(await step.run()).toBe(true);
    expect(existsSync(path)).toBe(false);
    expect(await step.back()).toBe(true);
    expect(readFileSync(path).equals(latin1)).toBe(true);
    expect(modeOf(path)).toBe('640');
  });

  it('sets aside what somebody else wrote meanwhile', async () => {
    const path = join(dir, 'new.conf');
    const step = new StepUnderTest('file', { path, content: 'x' });
    await step.run();
    writeFileSync(path, 'by hand');

    expect(await step.back()).toBe(true);
    expect(readdirSync(dir)).toEqual(['new.conf.hopscotch-kept']);
    expect(readFileSync(join(dir, 'new.conf.hopscotch-kept'), 'utf8')).toBe('by hand');
  });

  it('leaves the old file as it is when the content arrives cut short', async () => {
    const path = join(dir, 'old.conf');
    writeFileSync(path, 'old');
    const [write] = boundHandler('file', { path, content: 'new and longer' }).apply;

    const answer = await runHere({ ...definedCommand(write), stdin: 'new and' });

    expect([answer.exit, answer.stderr]).toEqual([1, 'file: the content arrived cut short\n']);
    expect(readdirSync(dir)).toEqual(['old.conf']);
    expect(readFileSync(path, 'utf8')).toBe('old');
  });

  it('says that the directory is missing', async () => {
    const [write] = boundHandler('file', { path: join(dir, 'no', 'x'), content: '' }).apply;

    expect(await runHere(definedCommand(write))).toMatchObject({
      exit: 1,
      stderr: `file: there is no directory ${dir}/no\n`,
    });
  });

  it('finds links, directories and large files to be no files for it', async () => {
    writeFileSync(join(dir, 'large'), Buffer.alloc(512 * 1024 + 1));
    symlinkSync('large', join(dir, 'link'));
    mkdirSync(join(dir, 'directory'));
    const look = (name: string) =>
      new StepUnderTest('file', { path: join(dir, name), absent: true }).probe();

    await expect(look('link')).rejects.toThrow(/link: it is a symbolic link$/);
    await expect(look('directory')).rejects.toThrow(/it is a directory, not a regular file$/);
    await expect(look('large')).rejects.toThrow(
      /it has 524289 bytes; 524288 \(512 KiB\) can be kept/,
    );
  });
});

describe('command', () => {
  it('is unchanged once unless says so, and proves its undo with it', async () => {
    const path = join(dir, "it's done");
    const step = new StepUnderTest('command', {
      run: ['touch', path],
      unless: ['test', '-e', path],
      undo: [['rm', path]],
    });

    expect(await step.isDone()).toBe(false);
    expect(await step.run()).toBe(true);
    expect(await step.isDone()).toBe(true);
    expect(await step.back()).toBe(true);
    expect(existsSync(path)).toBe(false);
  });
});

describe('check', () => {
  it('tries a command again until it ends well', async () => {
    const script = 'echo >>"$1"; test "$(wc -l <"$1")" -eq 3';
    const tries = join(dir, 'tries');
    const params = { command: { run: ['sh', '-c', script, 'sh', tries] }, every: 1 };

    expect(await one({ ...params, retries: 1 })).toMatchObject({
      exit: 1,
      stderr: 'check: exit code 1, expected: 0\n',
    });
    expect(await one({ ...params, retries: 1 })).toMatchObject({ exit: 0 });
    expect(readFileSync(tries, 'utf8')).toBe('\n\n\n');
  });

  it('takes the exit codes that the runbook names, and gives up at once on a missing program', async () => {
    expect(await one({ command: { run: ['sh', '-c', 'exit 3'], okExits: [0, 3] } })).toMatchObject({
      exit: 0,
    });
    expect(await one({ command: { run: ['no-such-program'] }, retries: 1000 })).toMatchObject({
      exit: 127,
      stderr: expect.stringContaining('no-such-program'),
    });
  });

  it('asks a URL for its status and a text', async () => {
    const server = createServer((request, response) => {
      response.statusCode = request.url === '/away' ? 503 : 300;
      response.end('{"versions": [\n"it\'s v3"]}\0\n');
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const http = (path: string, rest: object): Promise<CommandOutput> =>
      one({ http: { url: `http://127.0.0.1:${port}${path}`, status: 300, ...rest } });

    expect(await http('/', {})).toMatchObject({ exit: 0, stderr: '' });
    expect(await http('/?a=[1-2]&b=*', { contains: '[\n"it\'s v3' })).toMatchObject({ exit: 0 });
    // The status follows the body on the way: it must not count as text.
    expect(await http('/', { contains: '300' })).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining('/ answered without the text: 300'),
    });
    expect(await http('/away', {})).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining('/away answered with status 503, expected: 300'),
    });
    expect(await one({ tcp: { host: '127.0.0.1', port } })).toMatchObject({
      exit: 0,
      stdout: `127.0.0.1 port ${port} accepts connections\n`,
    });
    await new Promise((resolve) => server.close(resolve));
    expect(await one({ tcp: { host: '127.0.0.1', port } })).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining('Connection refused'),
    });
    expect(await http('/', {})).toMatchObject({
      exit: 1,
      stderr: expect.stringMatching(/curl: \(7\)/),
    });
  });

  it('says that curl is missing', async () => {
    const url = 'http://127.0.0.1:1/';
    const { words } = definedCommand(boundHandler('check', { http: { url } }).apply[0]);

    const sh = spawnSync('/bin/sh', ['-c', toShell(words)], {
      env: { PATH: withoutCurl() },
      encoding: 'utf8',
    });

    expect([sh.status, sh.stderr]).toEqual([127, 'check: curl is not installed on this host\n']);
  });
});

const one = (params: object): Promise<CommandOutput> =>
  runHere(definedCommand(boundHandler('check', { retries: 0, every: 1, ...params }).apply[0]));

const modeOf = (path: string): string => (statSync(path).mode & 0o7777).toString(8);

/** A PATH with the few programs that the check needs before it asks for curl. */
function withoutCurl(): string {
  const path = join(dir, 'bin');
  mkdirSync(path);
  for (const name of ['sh', 'sleep', 'tr']) symlinkSync(which(name), join(path, name));
  return path;
}

const which = (name: string): string =>
  spawnSync('/bin/sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim();
