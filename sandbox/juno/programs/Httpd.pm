# Sockets, daemons and HTTP for the stand-ins.
package Httpd;
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;
use POSIX ();
use Sys::Hostname;

# Sockets of a port: at the host's own address, and at 127.0.0.1 as on a host that listens everywhere.
sub listeners {
  my ($port) = @_;
  return map {
    IO::Socket::INET->new(LocalAddr => $_, LocalPort => $port, Listen => 64, ReuseAddr => 1) or die "$!\n"
  } (hostname(), '127.0.0.1');
}

# Everything that can fail comes before it, so that `start` can say so. Its parent ends once the pid file is there.
sub detach {
  my ($name, $log) = @_;
  pipe(my $is_there, my $tell) or die "$name: pipe: $!\n";
  if (fork()) {
    close $tell;
    exit(defined readline($is_there) ? 0 : 1);
  }
  close $is_there;
  POSIX::setsid();
  $0 = $name;
  open(STDIN, '<', '/dev/null');
  open(STDOUT, '>>', $log);
  open(STDERR, '>&', \*STDOUT);
  $| = 1;
  open(my $pid, '>', "/run/$name.pid.new") or die "$name: pid file: $!\n";
  print $pid "$$\n";
  close $pid;
  rename "/run/$name.pid.new", "/run/$name.pid";
  print $tell "it is\n";
  close $tell;
}

my %reasons = (200 => 'OK', 201 => 'Created', 300 => 'Multiple Choices', 302 => 'Found', 404 => 'Not Found', 500 => 'Internal Server Error', 503 => 'Service Unavailable');

# Pairs of a socket and what answers there: (method, path) → (status, type, body).
sub serve {
  my %answer = map { fileno($_->[0]) => $_->[1] } @_;
  my $ready = IO::Select->new(map { $_->[0] } @_);
  local $SIG{PIPE} = 'IGNORE';
  while (1) {
    for my $listener ($ready->can_read) {
      my $client = $listener->accept or next;
      eval {
        local $SIG{ALRM} = sub { die "slow\n" };
        alarm 5;
        my ($method, $path) = (<$client> // '') =~ m{^(\w+) (?:https?://[^/]+)?(/\S*)} or die "no request\n";
        while (my $line = <$client>) { last if $line =~ /^\r?$/ }
        my ($status, $type, $body) = eval { $answer{fileno $listener}->($method, $path) };
        ($status, $type, $body) = (500, 'text/plain', $@) unless defined $status;
        print $client "HTTP/1.1 $status $reasons{$status}\r\nContent-Type: $type\r\nContent-Length: ", length $body, "\r\nConnection: close\r\n\r\n", $method eq 'HEAD' ? '' : $body;
        1;
      };
      alarm 0;
      close $client;
    }
  }
}

# Status and body of a GET; status 0 where nothing listens, with the reason as the body.
sub get {
  my ($url) = @_;
  my ($place, $path) = $url =~ m{^http://([^/]+)(/.*)?$} or return (0, "no URL: $url");
  my $socket = IO::Socket::INET->new(PeerAddr => $place, PeerPort => 80, Timeout => 5) or return (0, "$!");
  print $socket 'GET ', $path // '/', " HTTP/1.0\r\n\r\n";
  my $said = join '', <$socket>;
  my ($status, $body) = $said =~ m{\AHTTP/1\.\d (\d+).*?\r\n\r\n(.*)\z}s or return (0, 'closed');
  return ($status, $body);
}

1;
