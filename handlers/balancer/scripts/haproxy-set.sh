set_state() {
  said=$(ask "set server $backend/$1 state $2") || exit
  [ -z "$said" ] || { echo "loadbalancer: $backend/$1 -> $2: $said" >&2; exit 1; }
  echo "$backend/$1 -> $2"
}
