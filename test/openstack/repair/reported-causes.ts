/** Reported in public, and given a wrong cause or none before. */
export const reportedCauses: Readonly<Record<string, string>> = {
  '24-reason-is-printed-and-denied': 'database-unreachable',
  '26-old-server-on-new-schema': 'column-dropped',
  '28-no-such-service-in-the-catalog': 'catalogue-type',
  '29-interrupted-dpkg-is-not-mixed-releases': 'dpkg-interrupted',
  '30-command-this-release-does-not-have': 'command-of-another-release',
  '31-schema-newer-seen-in-a-postinst': 'schema-newer-than-programs',
  '32-two-syncs-at-once': 'sync-ran-twice',
  '33-two-entries-for-one-archive': 'apt-signed-by-conflict',
  '35-no-key-for-the-archive': 'apt-no-key',
  '36-apt-refuses-held-packages': 'apt-held',
  '37-a-foreign-key-is-in-the-way': 'schema-key-in-the-way',
  '38-scheduler-filter-is-gone': 'scheduler-filter-gone',
  '40-dump-needs-a-privilege': 'dump-privilege',
  '41-rabbitmq-does-not-boot': 'rabbitmq-flags',
  '42-compute-was-renamed': 'compute-renamed',
  '44-machine-type-is-gone': 'machine-type-gone',
};
