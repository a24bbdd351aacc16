// The command line at the local door, for when Slack is down. It holds no key and reads no log: all that it does is said to
// the process behind the door, which knows who says it.
import { join } from 'node:path';
import { doorExits, doorSocketName } from '../bot/door/protocol.ts';
import { readDoorWords } from '../bot/door/words.ts';
import { knockAtDoor } from './knock.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const complain = (text: string): void => void process.stderr.write(`${text}\n`);

/** Variables that are set already win over the file. One that this user cannot read says nothing. */
function loadSettings(): void {
  try {
    process.loadEnvFile('.env');
  } catch {
    // There is none, or it is not for us.
  }
}

async function main(words: readonly string[]): Promise<number> {
  const read = readDoorWords(words);
  if (read.do === 'help') {
    say(read.text);
    return doorExits.done;
  }
  if (read.do === 'wrong') {
    complain(read.text);
    return doorExits.notUnderstood;
  }
  loadSettings();
  const { DOOR_DIR, DATA_DIR } = process.env;
  const dir =
    DOOR_DIR === undefined || DOOR_DIR === ''
      ? join(DATA_DIR === undefined || DATA_DIR === '' ? './data' : DATA_DIR, 'door')
      : DOOR_DIR;
  return knockAtDoor({ path: join(dir, doorSocketName), words, say, complain });
}

process.exitCode = await main(process.argv.slice(2));
