if command -v socat >/dev/null; then
  echo "show stat" | socat -t 5 - "UNIX-CONNECT:$1"
elif python=$(command -v python3 || command -v python); then
  "$python" -c "
import socket, sys
s = socket.socket(socket.AF_UNIX); s.settimeout(5); s.connect(sys.argv[1]); s.sendall(b\"show stat\\n\")
while True:
    d = s.recv(65536)
    if not d: break
    getattr(sys.stdout, \"buffer\", sys.stdout).write(d)
" "$1"
else
  echo "there is neither socat nor python on this host" >&2; exit 127
fi