import { command, type Command } from '../../handlers/contract/command.ts';

// Nothing here changes a host. The scripts hold no single quotes, so that they read the same once they are quoted.

export const osReleaseCommand: Command = command(['cat', '/etc/os-release']);

/** Lines of state, package, version and source package. */
export const listPackagesCommand: Command = command([
  'dpkg-query',
  '--show',
  '--showformat=${db:Status-Abbrev}\\t${Package}\\t${Version}\\t${source:Package}\\n',
]);

/** One query; the login is in a file on the host, as `ps` shows arguments to everybody. */
export const sqlQueryCommand = (defaultsFile: string, database: string, sql: string): Command =>
  command(['sh', '-c', `${client}sql "$2" "$3"`, 'sh', defaultsFile, database, sql]);

/** Lines of name, bytes and number of tables. */
export const databaseSizesCommand = (defaultsFile: string, databases: readonly string[]): Command =>
  sqlQueryCommand(
    defaultsFile,
    'information_schema',
    [
      'SELECT table_schema, COALESCE(SUM(data_length + index_length), 0), COUNT(*)',
      `FROM tables WHERE table_schema IN (${databases.map((name) => `"${name}"`).join(', ')})`,
      'GROUP BY table_schema',
    ].join(' '),
  );

/** A database has one of the two tables, or both where a project changed over: then Alembic's counts. */
export const revisionCommands = (defaultsFile: string, database: string): Command[] => [
  sqlQueryCommand(defaultsFile, database, 'SELECT version_num FROM alembic_version'),
  sqlQueryCommand(defaultsFile, database, 'SELECT version, repository_id FROM migrate_version'),
];

/** Lines of `backups` or `data`, free KiB, and the device. A directory that is still to be made is where its parent is. */
export const freeSpaceCommand = (defaultsFile: string, backups: string): Command =>
  command(['sh', '-c', `${client}${room}`, 'sh', defaultsFile, backups]);

/** HAProxy's table of what it serves, as CSV. */
export const haproxyStatCommand = (socket: string): Command =>
  command(['sh', '-c', stat, 'sh', socket]);

export const memcachedVersionCommand = (address: string, port: number): Command =>
  command(['timeout', '5', 'bash', '-c', greet, 'bash', address, String(port)]);

const client = `login=$1
mysql=$(command -v mariadb || command -v mysql) || { echo "there is no program mysql on this host" >&2; exit 127; }
sql() { timeout 20 "$mysql" --defaults-file="$login" --batch --skip-column-names --execute "$2" "$1" </dev/null; }
`;

const room = `data=$(sql information_schema "SELECT @@datadir") || exit 1
free() {
  at=$2
  while [ ! -d "$at" ]; do at=$(dirname -- "$at"); done
  printf "%s\\t%s\\n" "$1" "$(df -Pk -- "$at" | awk "NR == 2 { print \\$4 \\"\\t\\" \\$1 }")"
}
free backups "$2"
free data "$data"`;

const stat = `if command -v socat >/dev/null; then
  echo "show stat" | socat -t 5 - "UNIX-CONNECT:$1"
elif python=$(command -v python3 || command -v python); then
  "$python" -c "
import socket, sys
s = socket.socket(socket.AF_UNIX); s.settimeout(5); s.connect(sys.argv[1]); s.sendall(b\\"show stat\\\\n\\")
while True:
    d = s.recv(65536)
    if not d: break
    getattr(sys.stdout, \\"buffer\\", sys.stdout).write(d)
" "$1"
else
  echo "there is neither socat nor python on this host" >&2; exit 127
fi`;

const greet = `exec 3<>"/dev/tcp/$1/$2" || exit 1
printf "version\\r\\nquit\\r\\n" >&3
IFS= read -r answer <&3
printf "%s\\n" "\${answer%$(printf "\\r")}"
case $answer in VERSION*) ;; *) exit 1 ;; esac`;
