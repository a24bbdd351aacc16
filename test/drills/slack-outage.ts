import { startProduct } from '../support/processes/product.ts';
import { playSlackOutage } from '../support/processes/slack-outage.ts';
import { startTestSshd } from '../support/servers/sshd.ts';

// Kills Slack in the middle of a run for so many seconds, has the run aborted and rolled back at the local door, and says
// whether Slack was told all of it once: `npm run test:slack-outage -- 300`.
const seconds = Number(process.argv[2] ?? 300);

const [product, sshd] = await Promise.all([startProduct({ isMortal: true }), startTestSshd()]);
try {
  const told = await playSlackOutage({ product, sshd }, seconds * 1000);
  const { status, abort, watchAbort, rollback, watchRollback } = told.answers;
  const exits = [status, abort, watchAbort, rollback, watchRollback].map(({ exit }) => exit);
  const all = [...told.thread, ...told.channel];
  const wanted = ['aborts the run', 'rolls the run back', '; Slack was silent', 'rolled back'];
  const counts = wanted.map(
    (words) => `"${words}" ${told.thread.filter((line) => line.includes(words)).length}`,
  );
  const doubled = [told.thread, told.channel].flatMap((lines) =>
    lines.filter((line, index) => lines.indexOf(line) !== index),
  );
  process.stdout.write(
    [
      `Slack was dead for ${seconds} s; at the door: status, abort, watch, rollback, watch ended with ${exits.join(', ')} (0, 0, 1, 0, 0 is right)`,
      `the host: ${JSON.stringify(told.made)} (["here\\n","gone"] is right)`,
      `told afterwards: ${all.length} messages, ${doubled.length} of them twice; in the thread ${counts.join(', ')}`,
      `the log of all processes: ${product.logs().length} bytes\n`,
    ].join('\n'),
  );
  for (const line of told.thread) process.stdout.write(`  ${line.slice(0, 160)}\n`);
  const isRight =
    exits.join() === '0,0,1,0,0' && doubled.length === 0 && told.made.join() === 'here\n,gone';
  process.exitCode = isRight ? 0 : 1;
} finally {
  await product.stop();
  await sshd.stop();
}
process.exit();
