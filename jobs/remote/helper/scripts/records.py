#: Python that reads what executions leave on the disk, and says it.

SAID = bytearray()

# What is said in one turn is written at once: each write is a packet, and work for sshd and for who reads it.
def say(n, *words, data=b""):
    text = (str(n) + " " + " ".join(str(w) for w in words)).replace("\n", " ")
    SAID.extend(text.encode("utf-8", "surrogateescape") + b"\n")
    SAID.extend(data)
    if len(SAID) > 131072:
        tell()

def tell():
    global SAID
    data, SAID = memoryview(SAID), bytearray()
    while data:
        data = data[os.write(1, data):]

def read_line(path):
    text = read_file(path)
    return None if text is None else text.split(b"\n", 1)[0].decode("utf-8", "replace")

def read_begun(d):
    try:
        words = os.readlink(d + "/begun").split(" ")
    except OSError:
        return None
    return words if len(words) >= (5 if words[0] == "run" else 2) else None

def alive(pid, start, boot):
    fields = stat_of(pid) if boot == BOOT else None
    return fields is not None and fields[19] == start and fields[0] not in "ZX"

def age(boot, start):
    if boot != BOOT:
        return 0
    return int(time.clock_gettime(time.CLOCK_BOOTTIME) * os.sysconf("SC_CLK_TCK")) - int(start)

def unwritable(path, said):
    s = os.statvfs(HOME)
    free = s.f_bavail * s.f_frsize // 1024
    if free == 0:
        return "the disk is full: writing to %s, with 0 KiB of room there" % path
    return "writing to %s, with %d KiB of room there: %s" % (path, free, said)

def look(n, d):
    record = read_begun(d)
    if record is None:
        return say(n, "shell" if os.path.lexists(d + "/begun") else "none")
    try:
        with open(d + "/note", "rb") as f:
            note = f.read()
    except OSError:
        note = b""
    say(n, "out", len(note), data=note)
    if record[0] != "run":
        return say(n, "aborted", record[1])
    pid, start, boot, began = record[1:5]
    lives = alive(pid, start, boot)
    say(n, "began", "yes", pid, age(boot, start), began)
    ended = read_line(d + "/exit")
    if ended is not None:
        return say(n, "exited", *ended.split())
    if not lives:
        return say(n, "shell")
    try:
        say(n, "running", (read_line(d + "/at") or "0").strip() or "0", os.stat(d + "/out").st_size)
    except OSError:
        say(n, "shell")
