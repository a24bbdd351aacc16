#!/usr/bin/perl
# The command-line clients of OpenStack: each asks keystone where its service is, and that service for a list.
use strict;
use warnings;
use lib '/usr/share/pretend';
use Httpd;

my ($program) = $0 =~ m{([^/]+)$};
my %asked = (
  openstack => {
    'service list' => ['identity', '/v3/services', ['ID', 'Name', 'Type']],
    'endpoint list' => ['identity', '/v3/endpoints', ['ID', 'Region', 'Service Type', 'Interface', 'URL']],
  },
  keystone => { 'service-list' => ['identity', '/v3/services', ['id', 'name', 'type']] },
  glance => { 'image-list' => ['image', '/v2/images', ['ID', 'Name', 'Disk Format', 'Container Format', 'Size', 'Status']] },
  nova => {
    'service-list' => ['compute', '/v2/os-services', ['Id', 'Binary', 'Host', 'Zone', 'Status', 'State']],
    'list' => ['compute', '/v2/servers', ['ID', 'Name', 'Status', 'Task State']],
  },
  neutron => {
    'agent-list' => ['network', '/v2.0/agents', ['id', 'agent_type', 'host', 'alive', 'admin_state_up']],
    'subnet-list' => ['network', '/v2.0/subnets', ['id', 'name', 'cidr', 'gateway_ip']],
  },
);
my $command = join ' ', grep { !/^-/ } @ARGV;
my $wanted = $asked{$program}{$command};
sub ends { print STDERR "$_[0]\n"; exit 1 }
unless ($wanted) { print STDERR "$program: '$command' is not a $program command. See '$program --help'.\n"; exit 2 }
my ($type, $path, $columns) = @$wanted;

# python-openstackclient 1.x: a token and the URL of the one service it is for.
my $identity = $ENV{OS_TOKEN} && $ENV{OS_URL} ? $ENV{OS_URL} : $ENV{OS_AUTH_URL};
ends('ERROR: openstack Authentication cannot be scoped to multiple targets, or no auth URL: set OS_AUTH_URL, or OS_TOKEN and OS_URL') unless $identity;
ends("ERROR: $program Missing value auth-url, username or password required for auth plugin password") unless $ENV{OS_TOKEN} || ($ENV{OS_USERNAME} && $ENV{OS_PASSWORD});
$identity =~ s{/(v[23][.0-9]*)?/?$}{};

sub ask {
  my ($url) = @_;
  my ($status, $body) = Httpd::get($url);
  ends("Unable to establish connection to $url: $body") if $status == 0;
  ends("$body (HTTP $status)") if $status != 200;
  return map { [split /\t/, $_, -1] } split /\n/, $body;
}

my $base = $identity;
if ($type ne 'identity') {
  my $interface = ($ENV{OS_ENDPOINT_TYPE} // 'publicURL') =~ s/URL$//r;
  my ($found) = grep { $_->[2] eq $type && $_->[3] eq $interface } ask("$identity/v3/endpoints");
  ends("ERROR: no $interface endpoint for the service $type in the catalogue") unless $found;
  ($base) = $found->[4] =~ m{^(http://[^/]+)};
}
my @rows = ask("$base$path");
my @widths = map { my $at = $_; (sort { $b <=> $a } map { length($_->[$at] // '') } $columns, @rows)[0] } 0 .. $#$columns;
my $line = '+' . join('+', map { '-' x ($_ + 2) } @widths) . "+\n";
my $show = sub { my ($row) = @_; return '|' . join('|', map { sprintf " %-$widths[$_]s ", $row->[$_] // '' } 0 .. $#widths) . "|\n" };
print $line, $show->($columns), $line, (map { $show->($_) } @rows), $line;
