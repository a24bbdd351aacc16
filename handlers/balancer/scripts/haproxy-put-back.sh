# include: haproxy-socket.sh
backend=$2; shift 2
# include: haproxy-set.sh
while [ $# -gt 0 ]; do set_state "$1" "$2"; shift 2; done