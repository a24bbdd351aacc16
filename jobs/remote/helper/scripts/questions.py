#: Python that answers a question of the other side in a forked child, so that nothing it waits for holds up what is followed.
#: What the child writes is handed on as it comes; one that does not end well leaves the question to the shell way.

ANSWERS = {}

class Answer:
    def __init__(self, n, answering, asked):
        self.n, self.over = n, False
        self.pipe, w = os.pipe()
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                os.setsid()
                for fd in list(HANDLERS):
                    if fd not in (0, 1):
                        os.close(fd)
                null = os.open("/dev/null", os.O_RDWR)
                os.dup2(null, 0)
                os.dup2(null, 1)
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                code = 0 if answering(w, asked) else 1
            finally:
                os._exit(code)
        os.close(w)
        ANSWERS[n], CHILDREN[pid] = self, self
        self.pid, self.code = pid, None
        listen(self.pipe, self.hear)

    def hear(self):
        part = os.read(self.pipe, 262144)
        if part:
            return say(self.n, "out", len(part), data=part)
        forget(self.pipe)
        self.pipe = None
        if self.code is None:
            # It has closed all it had: its end is near.
            try:
                self.code = os.waitpid(self.pid, 0)[1]
            except ChildProcessError:
                self.code = 1
            CHILDREN.pop(self.pid, None)
        if self.code != 0:
            say(self.n, "shell")
        self.end()

    def ended(self, status):
        self.code = status

    def end(self):
        global HOLD
        if self.pipe is not None:
            forget(self.pipe)
            self.pipe = None
        ANSWERS.pop(self.n, None)
        say(self.n, "end")
        HOLD = 0

def write_out(w, name, data):
    data = ("%s %d\n" % (name, len(data))).encode() + data
    while data:
        data = data[os.write(w, data):]

# Each command with what it wrote, up to a limit, and its exit code.
def probe_host(w, asked):
    for command in asked["commands"]:
        wrote, code = run_read(command, asked["limit"])
        for name, data in zip(("out", "err"), wrote):
            write_out(w, name, data)
        if code is None:
            write_out(w, "full", b"")
            return True
        write_out(w, "exit", str(code).encode())
    return True

# What a command wrote, and its exit code: none where it wrote more than it may.
def run_read(command, limit):
    stdin = os.open("/dev/null", os.O_RDONLY)
    if command["stdin"]:
        os.close(stdin)
        stdin = os.memfd_create("stdin")
        write_all(stdin, command["input"])
        os.lseek(stdin, 0, 0)
    pipes = [os.pipe(), os.pipe()]
    saved = os.dup(2)
    for number, (_, end) in enumerate(pipes):
        os.dup2(end, number + 1)
        os.close(end)
    os.umask(UMASK)
    try:
        code = spawn_or_say(command["words"], stdin)
    finally:
        os.dup2(0, 1)
        os.dup2(saved, 2)
        for fd in (saved, stdin):
            os.close(fd)
    wrote, ends = [b"", b""], [r for r, _ in pipes]
    poll, open_ends = select.poll(), set(ends)
    for fd in ends:
        os.set_blocking(fd, False)
        poll.register(fd, select.POLLIN)
    while open_ends:
        ended = code < 0 and os.waitpid(-code, os.WNOHANG)
        if ended and ended[0]:
            code = exit_code_of(ended[1])
        ready = [fd for fd, _ in poll.poll(0 if code >= 0 else 20)]
        if code >= 0 and not ready:
            break
        for fd in ready:
            part = os.read(fd, 65536)
            wrote[ends.index(fd)] += part
            if not part:
                poll.unregister(fd)
                open_ends.discard(fd)
        if any(len(text) > limit for text in wrote):
            code = None
            break
    if code is not None and code < 0:
        code = exit_code_of(os.waitpid(-code, 0)[1])
    for fd in ends:
        os.close(fd)
    return wrote, code

# The child that runs it, as a negative number; an exit code where there is none.
def spawn_or_say(words, stdin):
    try:
        return -spawn_command(words, ENVIRON, stdin)
    except OSError as e:
        write_all(2, "exec: %s: %s\n" % (words[0], "not found" if e.errno == 2 else e.strerror))
        return 127 if e.errno == 2 else 126

def exit_code_of(status):
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)

def is_ok(words):
    return run_read({"words": words, "stdin": False}, 65536)[1] == 0

def has_tool(name):
    return any(os.access(p + "/" + name, os.X_OK) for p in ENVIRON.get("PATH", "").split(":") if p)

# Whether all is well for steps here. Where anything is not, the shell way looks again, and says what.
def check_host(w, asked):
    b = HOME + "/.hopscotch"
    if stat_of("self") is None or not all(map(has_tool, asked["tools"])):
        return False
    os.umask(0o077)
    os.makedirs(b, 0o700, True)
    room = "%s/.room.%s" % (b, asked["mark"])
    try:
        write_file(room, "room")
    finally:
        remove(room)
    space = os.statvfs(b)
    free = space.f_bavail * space.f_frsize // 1024
    if free < asked["needKiB"] or not all(map(is_ok, asked["allowed"])):
        return False
    if any(output_of(words, ENVIRON).strip() in refused for words, refused in unit_questions()):
        return False
    if any(is_old(b + "/" + name) for name in os.listdir(b)):
        return False
    seen = "none" if asked["next"] and not os.path.lexists(b + "/" + asked["next"] + "/begun") else "-"
    write_out(w, "ready", ("%s %d %s %s" % (BOOT, free, seen, HOME)).encode("utf-8", "surrogateescape"))
    return True

# What could end a step with its connection: logind at logout, or sshd's unit that logins are part of.
def unit_questions():
    if os.getuid() != 0 and has_tool("busctl"):
        manager = ["org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager"]
        yield ["busctl", "get-property"] + manager + ["KillUserProcesses"], ("b true",)
    for line in (read_file("/proc/self/cgroup") or b"").decode("utf-8", "replace").split("\n"):
        unit = line.rsplit("/", 1)[-1]
        if unit.startswith(("ssh.", "sshd.", "ssh@", "sshd@")) and unit.endswith(".service"):
            yield ["systemctl", "show", "--property=KillMode", unit], ("KillMode=control-group", "KillMode=mixed")

def is_old(d):
    if os.path.basename(d).startswith(".old."):
        return True
    for name, days in (("exit", 30), ("begun", 90)):
        try:
            if time.time() - os.lstat(d + "/" + name).st_mtime >= days * 86400:
                return True
        except OSError:
            pass
    return False
