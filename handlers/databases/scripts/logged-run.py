#: Python: SCRIPT SERVICE LOG WORD... runs a program, and shows the errors of the log when it does not end with 0.
what = "logged-run"
import subprocess, sys
# include: log.py

service, log, words = sys.argv[1], sys.argv[2], sys.argv[3:]
end = log_end(log)
try:
    code = subprocess.call(words, stdin=subprocess.DEVNULL)
except FileNotFoundError:
    print("%s: there is no program %s on this host" % (service, words[0]), file=sys.stderr)
    sys.exit(127)
code = 128 - code if code < 0 else code
if code != 0:
    show_log(log, end)
    print("%s: %s ended with exit %d" % (service, words[0], code), file=sys.stderr)
sys.exit(code)
