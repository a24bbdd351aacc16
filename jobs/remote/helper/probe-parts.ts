import type { CommandOutput } from '../../../handlers/contract/command.ts';

/** Takes apart what a helper wrote about probes: `out`, `err`, `exit` and `full` with a length each, and as many bytes behind it. */
export function probeParts() {
  const answers: CommandOutput[] = [];
  let held: Buffer = Buffer.alloc(0);
  let [stdout, stderr] = ['', ''];
  let isFull = false;
  const take = (name: string, bytes: Buffer): void => {
    switch (name) {
      case 'out':
        stdout = bytes.toString();
        break;
      case 'err':
        stderr = bytes.toString();
        break;
      case 'exit':
        answers.push({ exit: Number(bytes.toString()), stdout, stderr });
        break;
      case 'full':
        isFull = true;
    }
  };
  return {
    add: (chunk: Buffer): void => {
      held = Buffer.concat([held, chunk]);
      for (;;) {
        const end = held.indexOf(10);
        if (end < 0) return;
        const [name = '', length = ''] = held.subarray(0, end).toString().split(' ');
        const until = end + 1 + Number(length);
        if (held.length < until) return;
        take(name, held.subarray(end + 1, until));
        held = held.subarray(until);
      }
    },
    answers: (): readonly CommandOutput[] => answers,
    isFull: (): boolean => isFull,
  };
}
