import { readFileSync, readdirSync } from 'node:fs';

/** Command lines of the processes that name a directory there or in their environment. */
export function processesNaming(dir: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const [line, environment] = ['cmdline', 'environ'].map((file) =>
          readFileSync(`/proc/${pid}/${file}`, 'utf8').replaceAll('\0', ' '),
        );
        return `${line} ${environment}`.includes(dir) ? [line ?? ''] : [];
      } catch {
        return [];
      }
    });
}
