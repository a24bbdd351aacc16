#!/usr/bin/perl
use strict;
use warnings;
use lib '/usr/share/pretend', '/usr/share/@SERVICE@';
use Api;
use Httpd;

my ($name, @ports) = ('@NAME@', qw(@PORTS@));
my $log = "/var/log/@SERVICE@/@LOG@.log";
my $answer = eval { Api::begin($log) } or do { print STDERR "$name: $@"; exit 1 };
my @pairs;
for my $port (@ports) {
  my @sockets = eval { Httpd::listeners($port) };
  unless (@sockets) {
    my $reason = "error: [Errno 98] $@" =~ s/\n\z//r;
    OpenStack::logged($log, 'CRITICAL', '@SERVICE@', "$reason (port $port)");
    print STDERR "$name: port $port: $reason\n";
    exit 1;
  }
  push @pairs, map { [$_, $answer] } @sockets;
}
Httpd::detach($name, $log);
if (@pairs) { Httpd::serve(@pairs) } else { sleep 3600 while 1 }
