#!/usr/bin/perl
# Reads as much of Apache's configuration as the sites of OpenStack need: Listen, VirtualHost, WSGIScriptAlias and Alias.
use strict;
use warnings;
use lib '/usr/share/pretend';
use Httpd;

my $log = '/var/log/apache2/error.log';
my (%listens, %routes);
for my $file ('/etc/apache2/ports.conf', glob('/etc/apache2/conf-enabled/*.conf /etc/apache2/sites-enabled/*.conf')) {
  open(my $lines, '<', $file) or do { print STDERR "apache2: Could not open configuration file $file: $!\n"; exit 1 };
  my $host = '*';
  while (my $line = <$lines>) {
    if ($line =~ /^\s*Listen\s+(?:\S+:)?(\d+)/) { $listens{$1} = 1 }
    elsif ($line =~ /^\s*<VirtualHost\s+\S+:(\d+)>/) { $host = $1 }
    elsif ($line =~ m{^\s*</VirtualHost>}) { $host = '*' }
    elsif ($line =~ /^\s*(WSGIScriptAlias|Alias)\s+(\S+)\s+(\S+)/) { push @{ $routes{$host} }, [$1, $2, $3] }
  }
}
my %apps;
sub load {
  my ($file) = @_;
  return $apps{$file} //= do {
    my $app = -e $file ? do $file : undef;
    ref $app ? $app : sub { return (500, 'text/html', "<h1>Internal Server Error</h1>\n" . ($@ || "Target WSGI script not found: $file\n")) };
  };
}
sub route {
  my ($port, $method, $path) = @_;
  my $plain = $path =~ s/\?.*//r;
  for my $route (sort { length $b->[1] <=> length $a->[1] } @{ $routes{$port} // [] }, @{ $routes{'*'} // [] }) {
    my ($kind, $prefix, $target) = @$route;
    my $short = $prefix =~ s{/$}{}r;
    next unless $plain eq $short || index($plain, "$short/") == 0 || $prefix eq '/';
    return load($target)->($method, $plain) if $kind eq 'WSGIScriptAlias';
    my $file = $target . '/' . substr($plain, length $short);
    open(my $content, '<', $file) or return (404, 'text/html', "<h1>Not Found</h1>\n");
    return (200, $file =~ /\.css$/ ? 'text/css' : 'text/plain', join '', <$content>) unless -d $file;
  }
  return (404, 'text/html', "<h1>Not Found</h1>\n");
}

my @pairs;
for my $port (sort { $a <=> $b } keys %listens) {
  my @sockets = eval { Httpd::listeners($port) };
  unless (@sockets) {
    my $reason = "(98)Address already in use: AH00072: make_sock: could not bind to address 0.0.0.0:$port";
    print STDERR "$reason\nno listening sockets available, shutting down\nAH00015: Unable to open logs\nAction 'start' failed.\nThe Apache error log may have more information.\n";
    exit 1;
  }
  push @pairs, map { [$_, sub { route($port, @_) }] } @sockets;
}
load($_->[2]) for grep { $_->[0] eq 'WSGIScriptAlias' } map { @$_ } values %routes;
Httpd::detach('apache2', $log);
Httpd::serve(@pairs);
