// Runs inside a network namespace that has nothing but its loopback: starts a server there and carries connections across
// the border, which Unix sockets cross and TCP does not. Plain JavaScript, so that no loader is needed inside.
import { spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';

const { server, entries } = JSON.parse(process.argv[2] ?? '{}');

/** What comes in at `from` goes out at `to`; each is a port on this side's loopback or the path of a Unix socket. */
for (const { from, to } of entries) {
  const listener = createServer({ allowHalfOpen: true }, (near) => {
    const place = typeof to === 'number' ? { host: '127.0.0.1', port: to } : { path: to };
    const far = connect({ ...place, allowHalfOpen: true });
    near.pipe(far).pipe(near);
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
    near.on('close', () => far.end());
    far.on('close', () => near.end());
  });
  if (typeof from === 'number') listener.listen(from, '127.0.0.1');
  else listener.listen(from);
}

const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...server], {
  stdio: ['ignore', 'inherit', 'inherit'],
});
child.on('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(127);
});
child.on('exit', (code) => process.exit(code ?? 137));

// Standard input is a pipe from the process that wanted all this; its end says that it is gone.
process.stdin.resume();
process.stdin.on('end', () => child.kill());
process.on('SIGTERM', () => child.kill());
