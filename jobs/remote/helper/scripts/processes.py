#: Small things that all parts of the helper do with files and processes.

DEFAULTS = [getattr(signal, "SIG" + n) for n in "HUP INT QUIT TERM PIPE USR1 CHLD XFSZ".split()]

def write_all(fd, text):
    data = text.encode("utf-8", "surrogateescape")
    while data:
        data = data[os.write(fd, data):]

def write_file(path, text, flags=os.O_WRONLY | os.O_CREAT | os.O_TRUNC):
    fd = os.open(path, flags, 0o600)
    try:
        write_all(fd, text)
    finally:
        os.close(fd)

def remove(*paths):
    for path in paths:
        try:
            if os.path.isdir(path) and not os.path.islink(path):
                for name in os.listdir(path):
                    remove(path + "/" + name)
                os.rmdir(path)
            else:
                os.unlink(path)
        except OSError:
            pass

# Of a small file. Python's own way asks the kernel five questions more about each.
def read_file(path):
    try:
        fd = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        return os.read(fd, 8192)
    except OSError:
        return None
    finally:
        os.close(fd)

def stat_of(pid):
    text = read_file("/proc/%s/stat" % pid)
    if text is None:
        return None
    text = text.decode("latin-1")
    return text[text.rindex(")") + 2:].split(" ")

def spawn(words, env, stdin=None):
    actions = [(os.POSIX_SPAWN_DUP2, stdin, 0)] if stdin is not None else []
    return os.posix_spawnp(words[0], words, env, file_actions=actions, setsigdef=DEFAULTS, setsigmask=[])

# A file without a first line that says what runs it is shell, as shells have it.
def spawn_command(words, env, stdin):
    try:
        return spawn(words, env, stdin)
    except OSError as e:
        if e.errno != 8:
            raise
        places = [""] if "/" in words[0] else [p + "/" for p in env.get("PATH", "").split(":")]
        path = next((p + words[0] for p in places if os.access(p + words[0], os.X_OK)), words[0])
        return spawn(["/bin/sh", path] + words[1:], env, stdin)

def output_of(words, env):
    r, w = os.pipe()
    actions = [(os.POSIX_SPAWN_DUP2, w, 1), (os.POSIX_SPAWN_OPEN, 2, "/dev/null", os.O_WRONLY, 0)]
    try:
        pid = os.posix_spawnp(words[0], words, env, file_actions=actions, setsigdef=DEFAULTS, setsigmask=[])
    except OSError:
        os.close(r)
        return ""
    finally:
        os.close(w)
    text = b""
    while True:
        part = os.read(r, 65536)
        if not part:
            break
        text += part
    os.close(r)
    os.waitpid(pid, 0)
    return text.decode("utf-8", "replace")
