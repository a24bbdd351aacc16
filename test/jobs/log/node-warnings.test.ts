import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';

const program = `
const { openLog } = await import('./jobs/log/log.ts');
const { logNodeWarnings } = await import('./jobs/log/node-warnings.ts');
logNodeWarnings(openLog({ name: 'test', level: 'info' }));
for (const count of [11, 12, 13]) process.emitWarning(\`\${count} close listeners added\`, 'MaxListenersExceededWarning');
`;

it('what Node.js warns of is a line of the log, once', async () => {
  const words = ['--import', 'tsx', '--input-type=module', '--eval', program];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, words);

  expect(stderr).toBe('');
  const [line, ...others] = stdout.trim().split('\n');
  expect(others).toEqual([]);
  expect(JSON.parse(line ?? '')).toMatchObject({
    level: 40,
    msg: 'node warns',
    err: { type: 'MaxListenersExceededWarning', message: '11 close listeners added' },
  });
});
