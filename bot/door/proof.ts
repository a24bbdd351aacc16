import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { open, readFile, unlink } from 'node:fs/promises';
import { promisify } from 'node:util';

/**
 * Which user of this machine wrote a file that holds exactly this: nobody can give a file to somebody else, nor write into one
 * that only its owner may write. Undefined where there is none, or one that proves nothing.
 */
export async function ownerOfProof(path: string, nonce: string): Promise<number | undefined> {
  // A link would lead to what somebody else wrote, and a pipe would have us wait.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(path, flags).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const { uid, nlink, mode, size } = await file.stat();
    const isPlain = (mode & constants.S_IFMT) === constants.S_IFREG && nlink === 1;
    const isOwnersAlone = (mode & 0o022) === 0;
    if (!isPlain || !isOwnersAlone || size !== nonce.length) return undefined;
    return (await file.readFile('utf8')) === nonce ? uid : undefined;
  } finally {
    await file.close();
    await unlink(path).catch(() => {});
  }
}

/** The name of a user of this machine, from wherever it takes its users. Undefined where nobody has that number. */
export async function accountName(uid: number): Promise<string | undefined> {
  const asked = await promisify(execFile)('getent', ['passwd', String(uid)], {
    timeout: 5000,
  }).then(
    ({ stdout }) => stdout,
    () => readFile('/etc/passwd', 'utf8').catch(() => ''),
  );
  const lines = asked.split('\n').map((line) => line.split(':'));
  return lines.find(([, , number]) => number === String(uid))?.[0];
}
