"""Starts the sshd of each configuration file that it is given, and collects every process that they leave behind, so that
/proc/<its pid>/stat has the processor time of the whole far side. SIGTERM ends it and them."""
import ctypes
import os
import signal
import subprocess
import sys

PR_SET_CHILD_SUBREAPER = 36
ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
sshd, *configs = sys.argv[1:]
started = [subprocess.Popen([sshd, "-D", "-f", c, "-E", c + ".log"]) for c in configs]


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
