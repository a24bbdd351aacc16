# What the API of a service answers.
package Api;
use strict;
use warnings;
use OpenStack;

my %files = (
  keystone => '/etc/keystone/keystone.conf',
  glance => '/etc/glance/glance-api.conf',
  nova => '/etc/nova/nova.conf',
  neutron => '/etc/neutron/neutron.conf',
);

# Options that a release still reads under the old name, and says so: [section, option, new section, new option, since].
my %renamed = (
  keystone => [
    ['DEFAULT', 'bind_host', 'eventlet_server', 'public_bind_host', 'kilo'],
    ['DEFAULT', 'public_port', 'eventlet_server', 'public_port', 'kilo'],
    ['DEFAULT', 'admin_port', 'eventlet_server', 'admin_port', 'kilo'],
    ['token', 'revocation_cache_time', 'revoke', 'cache_time', 'kilo'],
    ['assignment', 'caching', 'resource', 'caching', 'kilo'],
  ],
  nova => [
    ['DEFAULT', 'rabbit_host', 'oslo_messaging_rabbit', 'rabbit_host', 'kilo'],
    ['keystone_authtoken', 'username', 'keystone_authtoken', 'user-name', 'liberty'],
  ],
  glance => [
    ['DEFAULT', 'rabbit_host', 'oslo_messaging_rabbit', 'rabbit_host', 'kilo'],
    ['keystone_authtoken', 'username', 'keystone_authtoken', 'user-name', 'liberty'],
  ],
  neutron => [
    ['DEFAULT', 'rabbit_host', 'oslo_messaging_rabbit', 'rabbit_host', 'kilo'],
    ['keystone_authtoken', 'username', 'keystone_authtoken', 'user-name', 'liberty'],
  ],
);
my %age = (juno => 0, kilo => 1, liberty => 2);
my $service = $OpenStack::service;

# Reads the configuration as at a start, and logs what oslo.config would.
sub begin {
  my ($log) = @_;
  my $options = OpenStack::options($files{$service});
  my $module = $OpenStack::series eq 'juno' ? 'oslo.config.cfg' : 'oslo_config.cfg';
  for (@{ $renamed{$service} }) {
    my ($section, $option, $to, $name, $since) = @$_;
    next unless defined $options->{$section}{$option} && $age{$since} <= $age{$OpenStack::series};
    OpenStack::logged($log, 'WARNING', $module, qq(Option "$option" from group "$section" is deprecated. Use option "$name" from group "$to".));
  }
  if (OpenStack::is_true($options->{DEFAULT}{debug})) {
    OpenStack::logged($log, 'DEBUG', $module, '*' x 80);
    for my $section (sort keys %$options) {
      for my $option (sort keys %{ $options->{$section} }) {
        my $value = $option =~ /connection|password|token$|secret/ ? '****' : $options->{$section}{$option};
        my $label = $section eq 'DEFAULT' ? $option : "$section.$option";
        OpenStack::logged($log, 'DEBUG', $module, sprintf('%-30s = %s', $label, $value));
      }
    }
    OpenStack::logged($log, 'DEBUG', $module, '*' x 80);
  }
  OpenStack::logged($log, 'INFO', $service, "$service $OpenStack::version started");
  my $connection = $options->{database}{connection};
  my $auth = $options->{keystone_authtoken} // {};
  return sub {
    my ($method, $path) = @_;
    my @answer = eval {
      my $revision = OpenStack::revision($connection, $service);
      my $head = OpenStack::head($service);
      die "the database is at revision $revision, the code wants $head\n" if $revision ne $head;
      die "keystonemiddleware: no username is configured, tokens cannot be checked\n" if defined $auth->{'user-name'} && !defined $auth->{username};
      answer($connection, $method, $path);
    };
    return @answer if @answer;
    OpenStack::logged($log, 'ERROR', $service, $@ =~ s/\n\z//r);
    return (500, 'application/json', qq({"error": {"code": 500, "title": "Internal Server Error", "message": "An unexpected error prevented the server from fulfilling your request."}}\n));
  };
}

# Lists are lines of columns between tabs: the stand-ins of the clients read nothing else.
my %lists = (
  keystone => {
    '/v3/services' => "SELECT id, JSON_VALUE(extra, '\$.name'), type FROM service WHERE enabled ORDER BY type",
    '/v3/endpoints' => 'SELECT e.id, IFNULL(e.region_id, \'\'), s.type, e.interface, e.url FROM endpoint e JOIN service s ON s.id = e.service_id ORDER BY s.type, e.interface',
  },
  glance => { '/v2/images' => 'SELECT id, name, disk_format, container_format, size, status FROM images WHERE NOT deleted ORDER BY name' },
  nova => {
    '/v2/os-services' => "SELECT id, `binary`, host, IF(`binary` = 'nova-compute', 'nova', 'internal'), IF(disabled, 'disabled', 'enabled'), 'up' FROM services WHERE deleted = 0 ORDER BY id",
    '/v2/servers' => 'SELECT uuid, display_name, vm_state, IFNULL(task_state, \'\') FROM instances WHERE deleted = 0 ORDER BY id',
  },
  neutron => {
    '/v2.0/agents' => "SELECT id, agent_type, host, ':-)', IF(admin_state_up, 'True', 'False') FROM agents ORDER BY agent_type, host",
    '/v2.0/subnets' => 'SELECT id, name, cidr, IFNULL(gateway_ip, \'\') FROM subnets ORDER BY name',
  },
);

sub answer {
  my ($connection, $method, $path) = @_;
  my $list = $lists{$service}{$path};
  return (200, 'text/tab-separated-values', join '', map { join("\t", @$_) . "\n" } OpenStack::sql($connection, $list)) if $list;
  my $versions = qq({"versions": {"values": [{"id": "v3", "status": "stable"}]}, "release": "$OpenStack::version"}\n);
  return (201, 'application/json', "{}\n") if $service eq 'keystone' && $method eq 'POST' && $path eq '/v3/auth/tokens';
  return (200, 'application/json', $versions) if $service eq 'keystone' && $path =~ m{^/v(3|2\.0)/?$};
  return ($service =~ /^(keystone|glance)$/ ? 300 : 200, 'application/json', $versions) if $path eq '/';
  return (404, 'application/json', qq({"error": {"code": 404, "title": "Not Found"}}\n));
}

1;
