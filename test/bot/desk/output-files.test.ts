import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { openOutputFiles } from '../../../bot/desk/output-files.ts';
import { maskedPieces } from '../../../bot/views/output/whole-text.ts';
import type { FileToAttach } from '../../../bot/outbox/posts.ts';
import { maskSecrets } from '../../../handlers/redaction/redact.ts';
import type { WholeOutput } from '../../../jobs/redis/whole-output.ts';
import { fold } from '../../../jobs/run/fold.ts';
import { eventually } from '../../support/eventually.ts';
import * as e from '../../support/runs/events.ts';

const work = e.work('sync');
const begun = [e.requested(e.planOf(e.step('sync'))), e.hostReady('ctl1'), e.started(work)];
const run = fold(e.inOrder(...begun, e.succeeded(work)));
const asked = { user: 'UANN', work };
const { sha256 = '' } = run.apply['sync']?.get('ctl1') ?? {};

/** Files where the host has this, and what was put into the thread. */
function filesOf(whole: WholeOutput, kept = 'its end\n') {
  const posted: FileToAttach[] = [];
  const ids: string[] = [];
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  const head = Buffer.from(kept);
  const files = openOutputFiles({
    readKept: async () => ({ head, tail: head, sizeBytes: head.length }),
    readWhole: async ({ heard }) => {
      heard?.(700_000, 1_400_000);
      await opened;
      return whole;
    },
    redact: () => maskSecrets,
    attach: async (id, _run, file) => {
      ids.push(id);
      posted.push(file);
      return {};
    },
    log: pino({ level: 'silent' }),
  });
  return { files, posted, ids, open: () => open() };
}
const wholeOf = (text: string, hash = sha256): WholeOutput => ({
  is: 'whole',
  bytes: Buffer.from(text),
  sha256: hash,
});

describe('all of an output as a file', () => {
  it('is read once however many ask meanwhile, masked, and put beside who asked', async () => {
    const { files, posted, open } = filesOf(
      wholeOf('one\n\u001b[1mtwo\u001b[0m\npassword = hunter2!x9\n'),
    );
    expect(files.ask(run, asked)).toMatchObject({ is: 'read' });
    await eventually(() => files.ask(run, asked).is === 'read');
    expect(files.ask(run, asked)).toEqual({ is: 'read', bytes: 700_000, of: 1_400_000 });
    open();
    await eventually(() => files.ask(run, asked).is === 'posted');

    expect(files.ask(run, asked)).toEqual({ is: 'posted' });
    expect(posted).toHaveLength(1);
    expect(posted[0]?.says).toBe('<@UANN> asked for the output of *sync* on ctl1');
    expect(posted[0]?.file.content.toString()).toBe('one\ntwo\npassword = [REDACTED]\n');
    expect(posted[0]?.file.name).toBe('7f3a12-sync-ctl1-apply1.txt');
  });

  it.each<[string, WholeOutput, string]>([
    [
      'is too long',
      { is: 'tooLong', sizeBytes: 3 * 1024 ** 3 },
      'it is 3 GiB, and Slack gets at most 64 MiB. All of it: `ssh ops@127.0.0.1 cat .hopscotch/7f3a12.sync.ctl1.apply1/out`',
    ],
    ['is gone', { is: 'gone' }, 'ctl1 has it no more. What steps leave there goes 30 days after'],
    [
      'cannot be asked for',
      { is: 'silent', why: 'no answer' },
      'ctl1 could not be asked: no answer',
    ],
  ])('says so where it %s, with what is kept', async (_what, whole, words) => {
    const { files, posted, open } = filesOf(whole);
    open();
    const ended = await files.post(run, asked);
    expect(ended).toMatchObject({ is: 'posted', note: expect.stringContaining(words) });
    expect(posted[0]?.says).toContain(words);
    expect(posted[0]?.file.content.toString()).toBe('its end\n');
  });

  it('says that it is not what the log knows, or not all yet, or nothing', async () => {
    const noteOf = async (whole: WholeOutput, of = run, kept = '') => {
      const { files, open } = filesOf(whole, kept);
      open();
      return files.post(of, asked);
    };
    expect(await noteOf(wholeOf('x', 'f00d'))).toMatchObject({
      note: expect.stringContaining('somebody changed it there'),
    });
    expect(await noteOf(wholeOf('x'), fold(e.inOrder(...begun)))).toMatchObject({
      note: expect.stringContaining('so far'),
    });
    const nothing = { is: 'refused', why: 'It has printed nothing yet.' };
    expect(await noteOf(wholeOf(''))).toEqual(nothing);
    expect(await noteOf({ is: 'gone' })).toEqual(nothing);
  });

  it('masks a secret of many lines wherever the pieces end', () => {
    const key = [
      '-----BEGIN RSA PRIVATE KEY-----',
      ...Array.from({ length: 25 }, (_, nth) => `${nth}`.padEnd(64, 'aZ9x')),
      '-----END RSA PRIVATE KEY-----',
    ];
    const plain = (from: number, count: number) =>
      Array.from({ length: count }, (_, nth) => `line ${from + nth}`);
    const lines = [...plain(0, 1490), ...key, ...plain(1490, 3000)];
    const pieces = [...maskedPieces(lines.join('\n'), maskSecrets)];

    expect(pieces.length).toBeGreaterThan(2);
    const shown = pieces.join('').trimEnd().split('\n');
    expect(shown).toHaveLength(lines.length);
    expect(shown.join('\n')).toBe(maskSecrets(lines.join('\n')));
    expect(shown.join('\n')).not.toContain('aZ9x');
  });
});
