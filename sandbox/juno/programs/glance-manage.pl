#!/usr/bin/perl
use strict;
use warnings;
use lib '/usr/share/glance';
use OpenStack;

my $log = '/var/log/glance/glance-manage.log';
my %steps = (
  37 => 'ALTER TABLE image_properties MODIFY name varchar(255) NOT NULL',
  38 => 'CREATE TABLE metadef_tags (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, namespace_id int NOT NULL, name varchar(80) NOT NULL, created_at datetime NOT NULL, updated_at datetime NOT NULL) ENGINE=InnoDB DEFAULT CHARSET=utf8',
  41 => 'CREATE TABLE artifacts (id varchar(36) NOT NULL PRIMARY KEY, name varchar(255) NOT NULL, type_name varchar(255) NOT NULL, visibility varchar(32) NOT NULL, state varchar(32) NOT NULL) ENGINE=InnoDB DEFAULT CHARSET=utf8',
  42 => 'ALTER TABLE metadef_tags ADD UNIQUE KEY uq_metadef_tags_namespace_id_name (namespace_id, name)',
);
my ($command) = (join(' ', @ARGV) =~ s/^db[ _]//r);
my $ok = eval {
  my $connection = OpenStack::options('/etc/glance/glance-api.conf')->{database}{connection};
  if ($command eq 'version') { print OpenStack::revision($connection, 'glance'), "\n" }
  elsif ($command eq 'sync') { OpenStack::migrate($connection, 'glance', $log, \%steps) }
  else {
    print STDERR "usage: glance-manage [db_version|db_sync|db]\nglance-manage: error: argument command: invalid choice: '@ARGV'\n";
    exit 2;
  }
  1;
};
OpenStack::traceback('glance-manage', $@) unless $ok;
