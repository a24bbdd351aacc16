export interface DebFile {
  readonly content: string;
  readonly mode?: number;
}

/** Path → file; a path that ends in / is an empty directory. */
export type DebFiles = Readonly<Record<string, DebFile | string>>;

/** A Debian package as dpkg-deb would build it, without compression: https://manpages.debian.org/deb.5 */
export function debOf(control: DebFiles, data: DebFiles): Buffer {
  return Buffer.concat([
    Buffer.from('!<arch>\n'),
    member('debian-binary', Buffer.from('2.0\n')),
    member('control.tar', tar(control)),
    member('data.tar', tar(data)),
  ]);
}

function member(name: string, bytes: Buffer): Buffer {
  const header = [
    name.padEnd(16),
    '0'.padEnd(12),
    '0'.padEnd(6),
    '0'.padEnd(6),
    '100644'.padEnd(8),
    String(bytes.length).padEnd(10),
    '`\n',
  ];
  const even = bytes.length % 2 === 0 ? '' : '\n';
  return Buffer.concat([Buffer.from(header.join('')), bytes, Buffer.from(even)]);
}

function tar(files: DebFiles): Buffer {
  const written = new Set<string>();
  const parts: Buffer[] = [];
  for (const [path, file] of Object.entries(files)) {
    const { content, mode = 0o644 } = typeof file === 'string' ? { content: file } : file;
    for (const parent of parentsOf(path)) {
      if (written.has(parent)) continue;
      written.add(parent);
      parts.push(entry(`./${parent}`, Buffer.alloc(0), { type: '5', mode: 0o755 }));
    }
    if (!path.endsWith('/'))
      parts.push(entry(`./${path}`, Buffer.from(content), { type: '0', mode }));
  }
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

/** `etc/nova/nova.conf` → `etc/`, `etc/nova/`. */
const parentsOf = (path: string): string[] =>
  [...path.matchAll(/\//g)].map(({ index }) => path.slice(0, index + 1));

/** In the format of POSIX.1-1988, which holds names of up to 100 bytes. */
function entry(name: string, bytes: Buffer, { type, mode }: { type: string; mode: number }) {
  const header = Buffer.alloc(512);
  const put = (text: string, index: number) => header.write(text, index, 'latin1');
  put(name, 0);
  put(octal(mode, 8), 100);
  put(octal(0, 8), 108);
  put(octal(0, 8), 116);
  put(octal(bytes.length, 12), 124);
  put(octal(0, 12), 136);
  put(' '.repeat(8), 148);
  put(type, 156);
  put('ustar\x0000', 257);
  put('root', 265);
  put('root', 297);
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}

const octal = (value: number, width: number): string =>
  `${value.toString(8).padStart(width - 1, '0')}\0`;
