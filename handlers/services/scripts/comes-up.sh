#: A unit with `Restart=` fails at its first start where keystone or the balancer before it is not there yet, and systemd goes
#: on trying: its state is `activating` in between.
comes_up() {
  for second in $(seq 60); do
    case $(systemctl show --property=ActiveState "$1") in
      ActiveState=active) echo "$1 runs: systemd tried again by itself"; return 0 ;;
      ActiveState=activating) sleep 1 ;;
      *) return 1 ;;
    esac
  done
  return 1
}
