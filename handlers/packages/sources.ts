import { command, type Command, type CommandOutput } from '../contract/command.ts';
import { FileState, readFileState } from '../files/state.ts';
import { retireShell, sourceFilesShell } from './scripts/embedded.ts';

/** An entry of apt's sources, in either format; one that is commented out is none. */
export interface AptSource {
  readonly file: string;
  readonly isEnabled: boolean;
  readonly uris: readonly string[];
  readonly suites: readonly string[];
  readonly components: readonly string[];
  /** Whether packages come from it, and not only their sources. */
  readonly isBinary: boolean;
  /** The key file that signs it, where it names one. */
  readonly keyFile?: string;
  /** Whether no signature is asked for. */
  readonly isTrusted: boolean;
}

/** Reads all files that apt takes sources from. */
export const sourceFilesProbe: Command = command(['sh', '-c', sourceFilesShell]);

/** By path. */
export function readSourceFiles(output: CommandOutput | undefined): Record<string, FileState> {
  const parts = (output?.stdout ?? '').split(/^== /m).slice(1);
  return Object.fromEntries(
    parts.map((part) => {
      const end = part.indexOf('\n');
      const path = part.slice(0, end);
      return [path, readFileState({ exit: 0, stdout: part.slice(end + 1), stderr: '' }, path)];
    }),
  );
}

/** As apt reads them: sources.list(5). */
export const readSources = (contents: Readonly<Record<string, string>>): AptSource[] =>
  Object.entries(contents).flatMap(([file, text]) =>
    file.endsWith('.sources') ? deb822(file, text) : oneLine(file, text),
  );

/** The same of files whose content is base64. */
export const sourcesOfFiles = (found: Readonly<Record<string, FileState>>): AptSource[] =>
  readSources(
    Object.fromEntries(
      Object.entries(found).flatMap(([path, state]) =>
        state.type === 'file' ? [[path, Buffer.from(state.content, 'base64').toString()]] : [],
      ),
    ),
  );

function oneLine(file: string, text: string): AptSource[] {
  return text.split('\n').flatMap((line) => {
    const found =
      /^\s*(deb|deb-src)\s+(?:\[([^\]]*)\]\s+)?(cdrom:\[[^\]]*\]\S*|\S+)\s+(\S+)(.*)$/.exec(
        line.replace(/(^|\s)#.*$/, ''),
      );
    if (found === null) return [];
    const [, type, options = '', uri = '', suite = '', rest = ''] = found;
    const keyFile = /(?:^|\s)signed-by=(\/\S+)/i.exec(options)?.[1];
    return [
      {
        file,
        isEnabled: true,
        uris: [uri],
        suites: [suite],
        components: wordsOf(rest),
        isBinary: type === 'deb',
        ...(keyFile !== undefined && { keyFile }),
        isTrusted: /(?:^|\s)trusted=(yes|true|1)/i.test(options),
      },
    ];
  });
}

function deb822(file: string, text: string): AptSource[] {
  const stanzas = text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .split(/\n[ \t]*\n/);
  return stanzas.flatMap((stanza) => {
    const fields = new Map<string, string>();
    let name = '';
    for (const line of stanza.split('\n')) {
      const begun = /^([^\s:]+):(.*)$/.exec(line);
      if (begun !== null) name = (begun[1] ?? '').toLowerCase();
      fields.set(name, `${fields.get(name) ?? ''} ${begun === null ? line : (begun[2] ?? '')}`);
    }
    const of = (field: string): string[] => wordsOf(fields.get(field) ?? '');
    if (of('uris').length === 0) return [];
    const [keyFile] = of('signed-by');
    return [
      {
        file,
        isEnabled: !/^(no|false|without|off|disable|0)$/i.test(of('enabled')[0] ?? 'yes'),
        uris: of('uris'),
        suites: of('suites'),
        components: of('components'),
        isBinary: of('types').includes('deb'),
        ...(keyFile?.startsWith('/') === true && { keyFile }),
        isTrusted: /^(yes|true|1)$/i.test(of('trusted')[0] ?? ''),
      },
    ];
  });
}

const wordsOf = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

/** Enabled suites that may not be named, with the file that does. */
export const namedSuites = (
  found: Readonly<Record<string, FileState>>,
  suites: readonly string[],
): { readonly file: string; readonly suite: string }[] =>
  sourcesOfFiles(found)
    .filter(({ isEnabled }) => isEnabled)
    .flatMap(({ file, suites: named }) =>
      named.filter((suite) => suites.includes(bareSuite(suite))).map((suite) => ({ file, suite })),
    );

const bareSuite = (suite: string): string => suite.replace(/\/+$/, '');

/**
 * Takes suites out of all sources but one file: a line is commented out, a stanza loses them, and one that has no other is
 * disabled. Owner and mode stay.
 */
export const retireSuites = (suites: readonly string[], except: string): Command =>
  command(['sh', '-c', `${retireShell}retire /etc/apt "$@"`, 'sh', except, suites.join(' ')]);

// No single quotes in the scripts, so that they read the same once they are quoted.
