# What the stand-ins of one OpenStack service at one release share: its configuration, its database, its schema.
package OpenStack;
use strict;
use warnings;

our ($service, $series, $version) = ('@SERVICE@', '@SERIES@', '@VERSION@');
our $hint = '';

my %heads = (
  keystone => { juno => 55, kilo => 67, liberty => 75 },
  glance => { juno => 36, kilo => 41, liberty => 42 },
  nova => { juno => 254, kilo => 280, liberty => 302 },
  nova_api => { kilo => 2, liberty => 3 },
  neutron => { juno => 'juno', kilo => 'kilo', liberty => '34af2b5c5a59 4af11ca47297' },
);

sub head { my ($database) = @_; return $heads{$database}{$series} }

# Sections and options of a file as oslo.config reads it: [DEFAULT] debug is $options->{DEFAULT}{debug}.
sub options {
  my ($file) = @_;
  my (%found, $section);
  $section = 'DEFAULT';
  open(my $lines, '<', $file) or return {};
  while (my $line = <$lines>) {
    next if $line =~ /^\s*([#;]|$)/;
    if ($line =~ /^\[(.+)\]\s*$/) { $section = $1; next }
    my ($key, $value) = $line =~ /^(\S+?)\s*=\s*(.*?)\s*$/
      or die "oslo_config.cfg.ConfigFileParseError: Failed to parse $file: at $file:$., No ':' or '=' found in assignment: '" . ($line =~ s/\n//r) . "'\n";
    $found{$section}{$key} = $value;
  }
  return \%found;
}

sub is_true { return ($_[0] // '') =~ /^(true|1|yes|on)$/i }

# Rows of an SQL text, each a list of columns. Dies as SQLAlchemy does.
sub sql {
  my ($connection, $text) = @_;
  my ($user, $password, $host, $database) = ($connection // '') =~ m{^mysql(?:\+\w+)?://([^:]+):([^@]*)\@([^/]+)/([^?]+)}
    or die "sqlalchemy.exc.ArgumentError: Could not parse rfc1738 URL from string '" . ($connection // '') . "'\n";
  my $said = "/tmp/.sql.$$";
  local $ENV{MYSQL_PWD} = $password;
  my $pid = open(my $rows, '-|') // die "fork: $!\n";
  if ($pid == 0) {
    open(STDERR, '>', $said);
    exec 'mysql', '--no-defaults', '--batch', '--skip-column-names', '--default-character-set=utf8',
      "--host=$host", "--user=$user", $database, '--execute', $text or exit 127;
  }
  my @found = map { chomp; [split /\t/, $_, -1] } <$rows>;
  my $is_good = close $rows;
  open(my $errors, '<', $said);
  my $error = join '', <$errors>;
  unlink $said;
  return @found if $is_good;
  if ($error =~ /ERROR (\d+) \(\w+\)[^:]*: (.*)/) {
    my ($number, $reason) = ($1, $2);
    my $kind = $number == 1146 || $number == 1064 ? 'ProgrammingError' : $number == 1062 || $number == 1048 ? 'IntegrityError' : 'OperationalError';
    die qq(sqlalchemy.exc.$kind: ($kind) ($number, "$reason") None None\n);
  }
  die "sqlalchemy.exc.OperationalError: (OperationalError) $error\n";
}

sub logged {
  my ($file, $level, $module, $text) = @_;
  open(my $log, '>>', $file) or return;
  my ($s, $m, $h, $d, $mo, $y) = gmtime;
  printf $log "%04d-%02d-%02d %02d:%02d:%02d.000 %d %s %s [-] %s\n", $y + 1900, $mo + 1, $d, $h, $m, $s, $$, $level, $module, $text;
}

sub revision {
  my ($connection, $database) = @_;
  return join ' ', sort map { $_->[0] } sql($connection, 'SELECT version_num FROM alembic_version') if $database eq 'neutron';
  my ($row) = sql($connection, 'SELECT version FROM migrate_version');
  return $row->[0];
}

# Runs the steps above the present version, in order: number → SQL, or a reason to stop. The version is stored after each step,
# as sqlalchemy-migrate does. Dies of the first that fails, at the version before it.
sub migrate {
  my ($connection, $database, $log, $steps, $wanted) = @_;
  my $now = revision($connection, $database);
  my $head = head($database);
  $wanted //= $head;
  # Its scripts end at the head, and it looks for the script that leads down from here.
  die "KeyError: <VerNum($now)>\n" if $now > $head;
  my $batch = '';
  my $run = sub {
    sql($connection, $batch) if $batch ne '';
    $batch = '';
  };
  for my $number ($now + 1 .. $wanted) {
    my $step = $steps->{$number} // '';
    if (ref $step) { $run->(); my $reason = $step->(); die $reason if $reason }
    logged($log, 'INFO', 'migrate.versioning.api', ($number - 1) . " -> $number... ");
    $batch .= ref $step ? '' : $step;
    $batch .= "; UPDATE migrate_version SET version = $number;\n";
    $batch =~ s/^\s*;\s*//;
  }
  $run->();
  return;
}

# What `sys.exit(main())` does with an exception nobody caught.
sub traceback {
  my ($program, $error) = @_;
  print STDERR "Traceback (most recent call last):\n",
    qq(  File "/usr/bin/$program", line 10, in <module>\n    sys.exit(main())\n), $error;
  exit 1;
}

1;
