#: Shell that talks to the socket in `$1`: `ask LINE` prints the answer.
socket=$1
[ -S "$socket" ] || { echo "loadbalancer: there is no socket $socket" >&2; exit 1; }
if command -v socat >/dev/null; then
  talk() { timeout 20 socat -t15 - "UNIX-CONNECT:$socket"; }
elif command -v perl >/dev/null; then
  talk() { timeout 20 perl -MIO::Socket::UNIX -e "\$s = IO::Socket::UNIX->new(Peer => shift) or die qq(\$!\n); print \$s <STDIN>; \$s->flush; print while <\$s>" "$socket"; }
elif command -v python3 >/dev/null; then
  talk() { timeout 20 python3 -c "import socket, sys
s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); s.sendall(sys.stdin.buffer.read())
for part in iter(lambda: s.recv(65536), bytes()): sys.stdout.buffer.write(part)" "$socket"; }
elif nc -h 2>&1 | grep -q -e "-[A-Za-z]*U"; then
  talk() { timeout 20 nc -U "$socket"; }
else
  echo "loadbalancer: none of socat, perl, python3 and nc -U is on this host" >&2; exit 127
fi
ask() { printf "%s\n" "$1" | talk || { echo "loadbalancer: asking $socket: $1" >&2; exit 1; }; }
