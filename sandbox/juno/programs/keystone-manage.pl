#!/usr/bin/perl
use strict;
use warnings;
use lib '/usr/share/keystone';
use OpenStack;

my $log = '/var/log/keystone/keystone-manage.log';
my %steps = (
  61 => 'ALTER TABLE project ADD COLUMN parent_id varchar(64)',
  63 => 'ALTER TABLE region DROP COLUMN url',
  65 => 'CREATE TABLE whitelisted_config (domain_id varchar(64) NOT NULL, `group` varchar(255) NOT NULL, `option` varchar(255) NOT NULL, value text NOT NULL, PRIMARY KEY (domain_id, `group`, `option`)) ENGINE=InnoDB DEFAULT CHARSET=utf8',
  66 => q(UPDATE service SET extra = REPLACE(extra, '"name": ""', '"name": "unnamed"')),
  67 => 'ALTER TABLE token ADD INDEX ix_token_user_id (user_id)',
  73 => 'ALTER TABLE assignment DROP PRIMARY KEY, ADD PRIMARY KEY (type, actor_id, target_id, role_id, inherited)',
  74 => "ALTER TABLE project ADD COLUMN is_domain tinyint(1) NOT NULL DEFAULT 0",
  75 => 'CREATE TABLE config_register (type varchar(64) NOT NULL PRIMARY KEY, domain_id varchar(64) NOT NULL) ENGINE=InnoDB DEFAULT CHARSET=utf8',
);
my @commands = qw(db_sync db_version pki_setup ssl_setup token_flush);
my $command = shift @ARGV // '';
unless (grep { $_ eq $command } @commands) {
  my $choices = join ', ', map { "'$_'" } @commands;
  print STDERR "usage: keystone-manage [", join('|', @commands), "]\n";
  print STDERR "keystone-manage: error: ", $command eq '' ? "too few arguments\n" : "argument command: invalid choice: '$command' (choose from $choices)\n";
  exit 2;
}
my $ok = eval {
  my $connection = OpenStack::options('/etc/keystone/keystone.conf')->{database}{connection};
  if ($command eq 'db_version') { print OpenStack::revision($connection, 'keystone'), "\n" }
  elsif ($command eq 'db_sync') { OpenStack::migrate($connection, 'keystone', $log, \%steps) }
  elsif ($command eq 'token_flush') {
    my ($count) = OpenStack::sql($connection, 'DELETE FROM token WHERE expires < UTC_TIMESTAMP(); SELECT ROW_COUNT()');
    OpenStack::logged($log, 'INFO', 'keystone.token.persistence.backends.sql', "Total expired tokens removed: $count->[0]");
  }
  1;
};
OpenStack::traceback('keystone-manage', $@) unless $ok;
