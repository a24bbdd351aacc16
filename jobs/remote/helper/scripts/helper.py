#: The whole program; `__MARK__` is what it says hello with.
import os, sys, select, signal, time
MARK = "__MARK__"
if sys.version_info < (3, 8):
    os._exit(0)
HOME = os.environ["HOME"]
# Without what Python itself puts into its environment (PEP 538).
with open("/proc/self/environ", "rb") as f:
    ENVIRON = dict(os.fsdecode(e).split("=", 1) for e in f.read().split(b"\0") if b"=" in e)
with open("/proc/sys/kernel/random/boot_id") as f:
    BOOT = f.read().strip()
UMASK = os.umask(0o077)
# include: runner.py
# include: records.py
# include: follower.py
# include: questions.py
# include: loop.py
