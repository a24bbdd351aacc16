import { spawn } from 'node:child_process';

// The end of standard input says that the parent is gone. Processes can fork while we look, so it looks until it finds none.
// A link that cannot be read belongs to somebody else, or to a process that has ended.
const script = `
read -r _
while found=$(find /proc/[0-9]*/ns/"$2" -maxdepth 0 -lname "$1"); [ -n "$found" ]; do
  for link in $found; do
    process=\${link#/proc/}
    kill -9 "\${process%%/*}"
  done
done 2>/dev/null
`;

/**
 * Answers what kills every process of a namespace, given as the links in /proc/PID/ns name it, and waits until none is left.
 * It happens by itself when this process ends, even by SIGKILL. It goes by the namespace alone, never by a name.
 */
export function sweeperOf(namespace: string): () => Promise<void> {
  const [kind = ''] = namespace.split(':');
  const words = [namespace.replace(/[[\]]/g, '\\$&'), kind];
  const child = spawn('/bin/sh', ['-c', script, 'sh', ...words], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const exited = new Promise<void>((done) => child.once('close', () => done()));
  return () => {
    child.stdin.end();
    return exited;
  };
}
