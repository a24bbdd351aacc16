"""Starts the sshd of each configuration file that it is given, and collects every process that they leave behind, so that
/proc/<its pid>/stat has the processor time of the whole far side. SIGTERM ends it and them."""
import ctypes
import os
import signal
import subprocess
import sys

PR_SET_CHILD_SUBREAPER = 36
ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
sshd, *given = sys.argv[1:]
configs, folders = given, []
if "--folder" in given:
    at = given.index("--folder")
    configs, folders = given[:at], given[at + 1:]
# With `--folder PLACE OWN...` each sshd sees its own folder there, in a namespace of its own.
own = 'mount --bind "$1" "$2" && shift 2 && exec "$@"'


def words(number, config):
    server = [sshd, "-D", "-f", config, "-E", config + ".log"]
    if not folders:
        return server
    return ["unshare", "--mount", "sh", "-c", own, "sh", folders[number + 1], folders[0]] + server


started = [subprocess.Popen(words(n, c)) for n, c in enumerate(configs)]


def end(*_):
    for process in started:
        process.terminate()
    sys.exit(0)


signal.signal(signal.SIGTERM, end)
print("started", flush=True)
while True:
    try:
        os.wait()
    except ChildProcessError:
        break
