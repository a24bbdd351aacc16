# A cloud as data: a line of lab/clouds/NAME.cloud is a word and what belongs to it. README.md lists them.

HOSTS=() EXPECTED=() SETTINGS=() AHEAD=
declare -A ADDRESS ROLES ZONE

read_cloud() { # read_cloud FILE
  local word rest host line=0
  while read -r word rest; do
    line=$((line + 1))
    case $word in
      '' | '#'*) ;;
      name) NAME=$rest ;;
      suites) read -r OLD NEW <<<"$rest" ;;
      network) NET=$rest ;;
      set) SETTINGS+=("${rest%% *}=${rest#* }") ;;
      ahead) AHEAD=$rest ;;
      expect) EXPECTED+=("$rest") ;;
      host)
        read -r host word rest <<<"$rest"
        HOSTS+=("$host")
        ADDRESS[$host]=$NET.$word
        ROLES[$host]=$rest
        ;;
      zone) for host in ${rest#* }; do ZONE[$host]=${rest%% *}; done ;;
      *) die "$1, line $line: there is no word $word" ;;
    esac
  done <"$1"
}

# In this order roles are set up, each on all its hosts: every one finds what it needs running.
ROLE_ORDER=(repo mariadb rabbitmq memcached haproxy keystone glance placement neutron cinder nova heat horizon
  neutron-ovs neutron-network nova-compute sample)

suite_of() { # suite_of HOST
  if [[ " $AHEAD " = *" $1 "* ]]; then echo "$NEW"; else echo "$OLD"; fi
}

hosts_of() { # hosts_of ROLE
  local host
  for host in "${HOSTS[@]}"; do
    [[ " ${ROLES[$host]} " != *" $1 "* ]] || echo "$host"
  done
}

of_role() { # of_role ROLE NAME: a variable of the role's file
  (
    packages='' units=''
    . "$HERE/roles/$1.sh"
    echo "${!2}"
  )
}

of_host() { # of_host HOST packages|units
  local role
  for role in ${ROLES[$1]}; do of_role "$role" "$2"; done | xargs
}

# The first host with the same packages: such hosts share the layer with them.
declare -A TWIN=()
twin_of() {
  [ -n "${TWIN[$1]-}" ] || find_twins
  echo "${TWIN[$1]}"
}
find_twins() {
  local host mine
  local -A first=()
  for host in "${HOSTS[@]}"; do
    mine=$(of_host "$host" packages)$(suite_of "$host")
    : "${first[$mine]:=$host}"
    TWIN[$host]=${first[$mine]}
  done
}

# What a role's file finds set on its host.
settings_of() { # settings_of HOST ROLE
  local role one
  printf '%s=%q\n' HOST "$1" IP "${ADDRESS[$1]}" ZONE "${ZONE[$1]-}" NETWORK "$NET"
  printf 'IS_FIRST=%s\n' "$([ "$(hosts_of "$2" | head -1)" = "$1" ] && echo yes || echo no)"
  for one in "${SETTINGS[@]}"; do printf '%s=%q\n' "${one%%=*}" "${one#*=}"; done
  echo 'declare -A HOSTS_OF=('
  for role in "${ROLE_ORDER[@]}"; do printf '[%s]=%q ' "$role" "$(hosts_of "$role" | xargs)"; done
  echo ')'
  echo 'declare -A ZONE_OF=('
  for one in "${!ZONE[@]}"; do printf '[%s]=%q ' "$one" "${ZONE[$one]}"; done
  echo ')'
}

show_cloud() {
  local host
  echo "$NAME: $OLD to $NEW, on $NET.0/24"
  for host in "${HOSTS[@]}"; do
    printf '%-6s %-12s %s\n' "$host" "${ADDRESS[$host]}" "${ROLES[$host]}${ZONE[$host]:+ (zone ${ZONE[$host]})}"
  done
}
