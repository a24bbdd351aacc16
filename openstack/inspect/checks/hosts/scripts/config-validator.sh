#: shellcheck disable=SC2086 options of ours
command -v oslo-config-validator >/dev/null || exit 0
ask() {
  service=$1
  path=/etc/$service/$service.conf
  [ -r "$path" ] || path=/etc/$service/$service-api.conf
  [ -r "$path" ] || return
  names=$(python3 -c "
import sys
from importlib.metadata import entry_points
try: found = entry_points(group=\"oslo.config.opts\")
except TypeError: found = entry_points().get(\"oslo.config.opts\", [])
others = \"keystone glance cinder nova neutron heat placement octavia barbican designate manila ironic magnum openstack_dashboard openstack_dashboard_integration_tests\".split()
for name in sorted({one.name for one in found}):
    project = name.split(\".\")[0]
    if \".tests.\" not in name and (project == sys.argv[1] or project not in others): print(\"--namespace\", name)
" "$service")
  # Names of options are words.
  oslo-config-validator $names --input-file "$path" 2>&1 </dev/null |
    sed -n "s/^ERROR:root:\(.*\) is not part of the sample config.*/\1/p" | sort -u |
    while read -r option; do printf "unknown\t%s\t%s\n" "$path" "$option"; done
}
for service in "$@"; do ask "$service" & done
wait