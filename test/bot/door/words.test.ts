import { describe, expect, it } from '@jest/globals';
import { readDoorWords } from '../../../bot/door/words.ts';

const read = (line: string) => readDoorWords(line.split(' ').filter((word) => word !== ''));

describe('what is typed at the local door', () => {
  it.each([
    ['status', { do: 'line', word: 'status', line: 'status' }],
    ['status 7f3a12', { do: 'line', word: 'status', line: 'status 7f3a12', run: '7f3a12' }],
    ['abort 7f3a12', { do: 'line', word: 'abort', line: 'abort 7f3a12', run: '7f3a12' }],
    [
      'rollback 7f3a12 stop-nova confirm prod keeps x because it is late',
      {
        do: 'line',
        word: 'rollback',
        line: 'rollback 7f3a12 stop-nova confirm prod keeps x because it is late',
        run: '7f3a12',
      },
    ],
    ['log 7f3a12 3 ctl1', { do: 'line', word: 'log', line: 'log 7f3a12 3 ctl1', run: '7f3a12' }],
    ['watch 7f3a12', { do: 'watch', run: '7f3a12' }],
    ['approve 7f3a12', { do: 'confirm', run: '7f3a12' }],
  ])('%s is understood', (line, meant) => {
    expect(read(line)).toEqual(meant);
  });

  it.each([
    ['start prod epoxy', 'There is no word "start" here.'],
    ['pause 7f3a12', 'There is no word "pause" here.'],
    ['watch', 'RUN is missing.'],
    ['watch 7f3a12 now', 'watch takes the id of one run.'],
    ['watch ../7f3a12', 'watch takes the id of one run.'],
    ['abort', 'RUN is missing.'],
    ['abort 7f3a12 now', 'I don\'t know what to do with "now".'],
    ['log 7f3a12', 'STEP is missing.\nnpx hopscotch log RUN STEP [HOST]'],
  ])('%s is not, and says what is wrong', (line, problem) => {
    expect(read(line)).toEqual({ do: 'wrong', text: expect.stringContaining(problem) });
  });

  it.each(['', 'help', '--help', '-h'])('"%s" lists all words and the exit codes', (line) => {
    const { text } = read(line) as { text: string };
    for (const word of ['status', 'watch', 'abort', 'rollback', 'approve', 'log'])
      expect(text).toContain(`npx hopscotch ${word} `);
    expect(text).toContain('Exit codes: 0 done');
  });

  it.each(['abort --help', 'help abort', 'abort 7f3a12 -h'])('%s says what it does', (line) => {
    expect(read(line)).toEqual({
      do: 'help',
      text: expect.stringContaining('npx hopscotch abort RUN\n  stop what runs now'),
    });
  });
});
