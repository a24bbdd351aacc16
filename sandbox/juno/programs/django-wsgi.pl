# Loaded by Apache when it starts: the dashboard's login page, which names the style sheets of its own release.
use strict;
use warnings;
my $series = '@SERIES@';
my %settings;
if (open(my $lines, '<', '/etc/openstack-dashboard/local_settings.py')) {
  while (<$lines>) { $settings{$1} = $2 if /^(\w+)\s*=\s*['"]?(.*?)['"]?\s*$/ }
}
# Juno and Kilo are served under /static; Liberty's assets follow WEBROOT, which older settings lack.
my $static = $series eq 'liberty' ? ($settings{WEBROOT} // '/') . 'static' : '/static';
sub {
  my ($method, $path) = @_;
  return (302, "text/html", '') if $path =~ m{^/horizon/?$};
  return (404, 'text/html', "<h1>Not Found</h1>\n") if $path !~ m{^/horizon/auth/login/};
  return (200, 'text/html', qq(<!DOCTYPE html>
<html><head><title>Login - OpenStack Dashboard</title>
<link href="$static/dashboard/css/@ASSET@.css" type="text/css" media="screen" rel="stylesheet" />
</head><body id="splash"><form action="/horizon/auth/login/" method="POST">Log In</form></body></html>
));
};
