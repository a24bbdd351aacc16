#: Python: with `log_file` set, OpenStack's programs say in their log alone why they fail. `log_end(PATH)` is where a log ends
#: now, `log_errors(PATH, END)` are its errors since then: every CRITICAL and ERROR line but the frames of tracebacks.
import os, re
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
