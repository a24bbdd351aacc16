import { initScript } from './init-script.ts';

/** A pretend OpenStack package: one small real daemon, its configuration and its init script. */
export interface PackageSpec {
  readonly name: string;
  readonly version: string;
  readonly summary: string;
  /** Exact dependencies of the same source, at the same version. */
  readonly siblings?: readonly string[];
  /** Its configuration file. Unset: /etc/NAME/NAME.conf. */
  readonly config?: string;
  /** What the daemon listens on, at the host's own address. Unset: the package holds files only. */
  readonly port?: number;
  /** A file without which this version cannot be configured: its postinst says so and fails. */
  readonly needs?: string;
}

/** Path in the package → content. Scripts are those under bin/, init.d/ and DEBIAN/ except control and conffiles. */
export function packageFiles(spec: PackageSpec): Readonly<Record<string, string>> {
  const { name, port } = spec;
  const config = configOf(spec);
  return {
    'DEBIAN/control': control(spec),
    'DEBIAN/conffiles': `${config}\n`,
    'DEBIAN/postinst': postinst(spec),
    'DEBIAN/prerm': prerm(spec),
    'DEBIAN/postrm': postrm(spec),
    [config.slice(1)]:
      `# ${name} ${spec.version}\ndebug = false\n${port === undefined ? '' : `port = ${port}\n`}`,
    [`opt/${name}/release`]: `${spec.version}\n`,
    ...(port === undefined
      ? {}
      : {
          [`etc/init.d/${name}`]: initScript(name, `/opt/${name}/bin/${name}`),
          [`opt/${name}/bin/${name}`]: daemon(spec),
        }),
  };
}

const configOf = ({ name, config = `/etc/${name}/${name}.conf` }: PackageSpec): string => config;

const control = ({ name, version, summary, siblings = [] }: PackageSpec): string =>
  [
    `Package: ${name}`,
    `Version: ${version}`,
    'Architecture: all',
    'Maintainer: Hopscotch sandbox <sandbox@localhost>',
    ...(siblings.length === 0
      ? []
      : [`Depends: ${siblings.map((sibling) => `${sibling} (= ${version})`).join(', ')}`]),
    `Description: ${summary}`,
    '',
  ].join('\n');

const postinst = ({ name, version, port, needs }: PackageSpec): string => `#!/bin/sh
set -e
[ "$1" = configure ] || exit 0
${needs === undefined ? '' : `[ -s ${needs} ] || { echo "${name} ${version}: ${needs}: no such file" >&2; exit 1; }\n`}${
  port === undefined
    ? ''
    : `update-rc.d ${name} defaults >/dev/null
if [ -n "$2" ]; then /etc/init.d/${name} restart; else /etc/init.d/${name} start; fi
`
}`;

const prerm = ({ name, port }: PackageSpec): string => `#!/bin/sh
set -e
${port === undefined ? '' : `[ "$1" != remove ] || /etc/init.d/${name} stop\n`}`;

const postrm = ({ name, port }: PackageSpec): string => `#!/bin/sh
set -e
[ "$1" = purge ] || exit 0
rm -rf /var/log/${name}
${port === undefined ? '' : `update-rc.d ${name} remove >/dev/null\n`}`;

// perl-base is on every Debian. The socket is bound before the fork, so that `start` fails when the daemon cannot serve.
const daemon = (spec: PackageSpec, { name, version } = spec): string => `#!/usr/bin/perl
use strict;
use warnings;
use IO::Socket::INET;
use POSIX ();

my %option = (debug => 'false', port => '', greeting => '${name}');
my $file = '${configOf(spec)}';
open(my $config, '<', $file) or die "${name}: $file: $!\\n";
while (my $line = <$config>) {
  next if $line =~ /^\\s*(#|$)/;
  my ($key, $value) = $line =~ /^\\s*(\\w+)\\s*=\\s*(.*?)\\s*$/ or die "${name}: $file:$.: not KEY = VALUE: $line";
  exists $option{$key} or die "${name}: $file:$.: unknown option $key\\n";
  $option{$key} = $value;
}
$option{port} =~ /^\\d+$/ or die "${name}: $file: port is not a number: $option{port}\\n";
my $listener = IO::Socket::INET->new(
  LocalAddr => (POSIX::uname())[1], LocalPort => $option{port}, Listen => 16, ReuseAddr => 1,
) or die "${name}: listening on port $option{port}: $@\\n";

exit 0 if fork();
POSIX::setsid();
mkdir '/var/log/${name}';
open(STDIN, '<', '/dev/null');
open(STDOUT, '>>', '/var/log/${name}/${name}.log');
open(STDERR, '>&', \\*STDOUT);
$| = 1;
open(my $pid, '>', '/run/${name}.pid.new') or die "${name}: pid file: $!\\n";
print $pid "$$\\n";
close $pid;
rename '/run/${name}.pid.new', '/run/${name}.pid';
print "${name} ${version} serves port $option{port}\\n";
my $body = qq({"service":"${name}","version":"${version}","greeting":"$option{greeting}"}\\n);
while (1) {
  my $client = $listener->accept() or next;
  while (my $line = <$client>) { last if $line =~ /^\\r?$/ }
  print $client "HTTP/1.0 200 OK\\r\\nContent-Type: application/json\\r\\nContent-Length: ", length $body, "\\r\\n\\r\\n", $body;
  close $client;
}
`;
