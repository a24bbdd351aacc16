# Loaded by Apache when it starts.
use strict;
use warnings;
use lib '/usr/share/pretend', '/usr/share/keystone';
use Api;
Api::begin('/var/log/keystone/keystone.log');
