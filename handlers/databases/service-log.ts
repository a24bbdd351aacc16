import { OptionFilePath } from './mysql.ts';

export const ServiceLog = OptionFilePath.describe(
  'The log of the service, on the host. Where the step fails, its last errors since the step began are shown.',
);

// Holds no single quotes, so that it reads the same once it is quoted.

/**
 * Python: with `log_file` set, OpenStack's programs say in their log alone why they fail. `log_end(PATH)` is where a log ends
 * now, `log_errors(PATH, END)` are its errors since then: every CRITICAL and ERROR line but the frames of tracebacks.
 */
export const logPython = String.raw`import os, re
# Frames of a traceback, and what stands around them.
noise = r"(\[[^\]]*\] )?(\s*$|\s{2,}|Traceback \(most|During handling of|The above exception|\(Background on)"

def log_end(path):
    try:
        return os.path.getsize(path)
    except OSError:
        return 0

def log_errors(path, end):
    try:
        with open(path, "rb") as log:
            # A log that was rotated since is shorter.
            log.seek(end if end <= os.fstat(log.fileno()).st_size else 0)
            text = log.read().decode("utf-8", "replace")
    except OSError as error:
        return ["%s cannot be read: %s" % (path, error.strerror)]
    found = []
    for line in text.splitlines():
        level = re.search(r" (CRITICAL|ERROR) \S+ (.*)", line)
        if level and not re.match(noise, level.group(2)):
            found.append(line.strip()[:600])
    return found[-6:] or ["no errors in it since the step began"]

def show_log(path, end):
    if path:
        print("the end of %s:" % path)
        for line in log_errors(path, end):
            print("  " + line)
        sys.stdout.flush()
`;

/** Python: SCRIPT SERVICE LOG WORD... runs a program, and shows the errors of the log when it does not end with 0. */
export const loggedRunPython = String.raw`what = "logged-run"
import subprocess, sys
${logPython}
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
`;
