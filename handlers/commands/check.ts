import { z } from 'zod';
import { command, OkExits, UserName, CommandWords, type Command } from '../contract/command.ts';
import { commandLineText, deedOfChecking } from '../contract/deed.ts';
import { defineHandler } from '../contract/handler.ts';
import { checkAskShell, checkRetryShell } from './scripts/embedded.ts';

const CommandCheck = z.strictObject({
  run: CommandWords.describe('The command line, a word an entry.'),
  user: UserName.optional().describe(
    'The user it runs as. Default: root where the cloud allows it.',
  ),
  okExits: OkExits.optional().describe('Exit codes that mean well. Default: [0].'),
});

const HttpCheck = z.strictObject({
  url: z
    .string()
    .regex(/^https?:\/\/[^\s]+$/, 'expected a URL such as http://127.0.0.1:5000/v3')
    .describe('Asked from the host itself, with curl.'),
  status: z.int().min(100).max(599).default(200).describe('The status that the answer must have.'),
  anyCertificate: z
    .boolean()
    .default(false)
    .describe('true: of TLS only that it answers, whatever name its certificate is for.'),
  contains: z.string().min(1).optional().describe('Text that the answer must hold.'),
});

const TcpCheck = z.strictObject({
  host: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9.:_-]*$|^::/, 'expected a host name or an address')
    .describe('Name or address to connect to, from the host itself.'),
  port: z.int().min(1).max(65_535).describe('The port that must accept a connection.'),
});

/** Looks whether something is well, and tries again for a while. It changes nothing. */
export const checkHandler = defineHandler({
  kind: 'check',
  params: z
    .strictObject({
      command: CommandCheck.optional().describe('A command must end well.'),
      http: HttpCheck.optional().describe('A URL must answer well.'),
      tcp: TcpCheck.optional().describe('A port must accept connections.'),
      retries: z
        .int()
        .min(0)
        .max(1000)
        .default(5)
        .describe('How many times it tries again before the step fails.'),
      every: z
        .int('write seconds as a number, such as 2')
        .min(1)
        .max(600)
        .default(2)
        .describe('Seconds between two tries.'),
    })
    .refine(
      ({ command: run, http, tcp }) =>
        [run, http, tcp].filter((one) => one !== undefined).length === 1,
      'needs exactly one of command, http and tcp',
    ),
  before: z.strictObject({}),
  timeoutMs: 10 * 60_000,
  reversibility: () => 'reversible',
  probe: () => [],
  parse: () => ({}),
  isDone: () => undefined,
  apply: (params) => [checking(params)],
  undo: () => [],
  does: (params) => deedOfChecking(`check that ${saysOf(params)}`),
  changes: () => '',
});

interface Params {
  readonly command?: z.infer<typeof CommandCheck> | undefined;
  readonly http?: z.infer<typeof HttpCheck> | undefined;
  readonly tcp?: z.infer<typeof TcpCheck> | undefined;
  readonly retries: number;
  readonly every: number;
}

function saysOf({ command: run, http, tcp }: Params): string {
  if (http !== undefined) return `${http.url} answers ${http.status}`;
  if (tcp !== undefined) return `${tcp.host} port ${tcp.port} accepts connections`;
  return `${commandLineText(run?.run ?? [])} succeeds`;
}

function checking({ command: run, http, tcp, ...often }: Params): Command {
  if (run !== undefined) {
    const user = run.user === undefined ? {} : { as: run.user };
    return retried(often, run.okExits ?? [0], run.run, user);
  }
  if (http !== undefined) {
    const { url, status, contains = '', anyCertificate } = http;
    const words = ['sh', '-c', checkAskShell, 'sh', url, String(status), contains];
    return retried(often, [0], anyCertificate ? [...words, '--insecure'] : words);
  }
  const { host = '', port = 0 } = tcp ?? {};
  return retried(often, [0], ['timeout', '5', 'bash', '-c', connect, 'bash', host, String(port)]);
}

function retried(
  { retries, every }: Pick<Params, 'retries' | 'every'>,
  okExits: readonly number[],
  words: readonly string[],
  rest: Omit<Command, 'words'> = {},
): Command {
  const often = [String(retries), String(every), okExits.join(' ')];
  return command(['sh', '-c', checkRetryShell, 'sh', ...often, ...words], rest);
}

// Exit 126 and 127: the program cannot be run or is not there, and waiting does not bring it.
const connect = `exec 3<>"/dev/tcp/$1/$2" && echo "$1 port $2 accepts connections"`;
