import { createHash } from 'node:crypto';
import { type JunoPackage, maintainerScript } from './archive.ts';
import type { DebFile, DebFiles } from './deb.ts';

/** The wanted packages and all that they need, those first that others need. */
export function withDependencies(
  wanted: readonly string[],
  offered: readonly JunoPackage[],
): readonly JunoPackage[] {
  const found = new Set<JunoPackage>();
  const add = (name: string): void => {
    const one = offered.find((offer) => offer.name === name);
    if (one === undefined) throw new RangeError(`there is no package ${name}`);
    if (found.has(one)) return;
    for (const depends of one.depends ?? []) add(depends.split(' ', 1)[0] ?? '');
    found.add(one);
  };
  for (const name of wanted) add(name);
  return [...found];
}

/** What dpkg and apt leave on a disk where they have unpacked these packages: the files, and what they note of each. */
export function unpackedPackages(
  packages: readonly JunoPackage[],
  wanted: readonly string[],
): DebFiles {
  const automatic = packages.filter(({ name }) => !wanted.includes(name));
  return {
    ...Object.assign({}, ...packages.map(({ files }) => files)),
    ...Object.assign({}, ...packages.map(({ conffiles }) => conffiles)),
    ...Object.assign({}, ...packages.map(notesOf)),
    'var/lib/dpkg/info/format': '1\n',
    'var/lib/dpkg/status': packages.map(stanza).join('\n'),
    'var/lib/apt/extended_states': automatic
      .map(
        ({ name }) => `Package: ${name}\nArchitecture: ${nativeArchitecture}\nAuto-Installed: 1\n`,
      )
      .join('\n'),
  };
}

const nativeArchitecture = process.arch === 'x64' ? 'amd64' : process.arch;

function notesOf({ name, files = {}, conffiles = {}, scripts = {} }: JunoPackage): DebFiles {
  const paths = Object.keys({ ...conffiles, ...files }).flatMap((path) =>
    path.endsWith('/') ? parentsOf(path) : [...parentsOf(path), `/${path}`],
  );
  const info = `var/lib/dpkg/info/${name}`;
  return {
    [`${info}.list`]: ['/.', ...new Set(paths), ''].join('\n'),
    [`${info}.md5sums`]: Object.entries(files)
      .filter(([path]) => !path.endsWith('/'))
      .map(([path, file]) => `${md5(file)}  ${path}\n`)
      .join(''),
    ...(Object.keys(conffiles).length === 0
      ? {}
      : {
          [`${info}.conffiles`]: Object.keys(conffiles)
            .map((path) => `/${path}\n`)
            .join(''),
        }),
    ...Object.fromEntries(
      Object.entries(scripts).map(([script, lines]) => [
        `${info}.${script}`,
        { content: maintainerScript(lines), mode: 0o755 },
      ]),
    ),
  };
}

const md5 = (file: DebFile | string): string =>
  createHash('md5')
    .update(typeof file === 'string' ? file : file.content)
    .digest('hex');

const parentsOf = (path: string): string[] =>
  [...path.matchAll(/\//g)].map(({ index }) => `/${path.slice(0, index)}`);

function stanza({ name, version, summary, depends = [], conffiles = {} }: JunoPackage): string {
  const sums = Object.entries(conffiles).map(([path, file]) => ` /${path} ${md5(file)}`);
  return [
    `Package: ${name}`,
    'Status: install ok installed',
    'Maintainer: Hopscotch sandbox <sandbox@localhost>',
    'Architecture: all',
    `Version: ${version}`,
    ...(depends.length === 0 ? [] : [`Depends: ${depends.join(', ')}`]),
    ...(sums.length === 0 ? [] : ['Conffiles:', ...sums]),
    `Description: ${summary}`,
    '',
  ].join('\n');
}

/** Configures the packages as dpkg would, but starts nothing, and makes the links of services without perl's update-rc.d. */
export const configurePackages = (packages: readonly JunoPackage[]): string => `
mkdir /run/configure
printf '#!/bin/sh\\nexit 0\\n' >/run/configure/invoke-rc.d
cat >/run/configure/update-rc.d <<'END'
#!/bin/sh
for level in 0 1 6; do ln -sf "../init.d/$1" "/etc/rc$level.d/K01$1"; done
for level in 2 3 4 5; do ln -sf "../init.d/$1" "/etc/rc$level.d/S01$1"; done
END
chmod 755 /run/configure/*
for name in ${packages.map(({ name }) => name).join(' ')}; do
  script=/var/lib/dpkg/info/$name.postinst
  [ ! -e "$script" ] || PATH=/run/configure:$PATH "$script" configure ''
done
rm -r /run/configure`;
