#: The program that answers; `__MARK__` is what it says hello with. `steps.py` comes behind it, in so many bytes.
import os, sys, select, time
# `signal` itself loads more than all the rest, to give its numbers names.
import _signal as signal
MARK = "__MARK__"
STEPS = sys.stdin.buffer.read(__STEPS__)
if sys.version_info < (3, 8):
    os._exit(0)
HOME = os.environ["HOME"]
# Without what Python itself puts into its environment (PEP 538).
with open("/proc/self/environ", "rb") as f:
    ENVIRON = dict(os.fsdecode(e).split("=", 1) for e in f.read().split(b"\0") if b"=" in e)
with open("/proc/sys/kernel/random/boot_id") as f:
    BOOT = f.read().strip()
UMASK = os.umask(0o077)
# include: processes.py
# include: records.py
# include: questions.py
# include: loop.py
