#: Python of the detached child of an execution, forked from the helper: what `executionScript` does in shell, with the same
#: record. Whoever makes the link `begun` first runs the commands. Everything it forks is a command of the step.

def now():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())

# Where Linux keeps the words of a process: it should be known by its directory, as the shell that runs a script is.
def rename_process(words, fields):
    start, end = int(fields[45]), int(fields[46])
    text = b"\0".join(w.encode() for w in words) + b"\0"
    try:
        fd = os.open("/proc/self/mem", os.O_WRONLY)
        os.pwrite(fd, text[:end - start - 1].ljust(end - start, b"\0"), start)
        os.close(fd)
    except OSError:
        pass

class Runner:
    def __init__(self, d, asked):
        self.d, self.m, self.limit = d, asked["mark"], asked["limit"]
        self.commands, self.busctl, self.become = asked["commands"], asked["scope"], asked["become"]
        self.full_disks = asked["fullDisks"]
        self.env = dict(ENVIRON, HOPSCOTCH_STEP=d + "/")
        self.stopped, self.over, self.at, self.ok = False, "-", 0, [0]

    def own(self, name):
        return self.d + "/" + name + "." + self.m

    def begin(self, fields):
        me = "%d %s %s" % (os.getpid(), fields[19], BOOT)
        self.began = now()
        mine = [self.own(n) for n in ("exit", "at", "pid", "in")]
        try:
            write_file(mine[0], "%-511s\n" % "")
            write_file(mine[1], "%-15s\n" % "0")
            write_file(mine[2], me + "\n")
        except OSError as e:
            remove(*mine)
            return e.strerror
        scoped = self.join_scope()
        try:
            self.link = "run %s %s %s" % (me, self.began, scoped)
            os.symlink(self.link, self.d + "/begun")
        except OSError as e:
            remove(*mine)
            return "" if os.path.islink(self.d + "/begun") else e.strerror
        os.rename(mine[1], self.d + "/at")
        os.rename(mine[2], self.d + "/pid")
        return None

    def join_scope(self):
        if not os.path.isdir("/run/systemd/system") or (os.getuid() != 0 and not self.become):
            return ""
        words = [w.replace("PID", str(os.getpid())) if w == "PID" else w for w in self.busctl["words"]]
        try:
            pid = spawn(words if os.getuid() == 0 else ["sudo", "-n"] + words, self.env)
            if os.waitpid(pid, 0)[1] != 0:
                return ""
        except OSError:
            return ""
        for _ in range(20):
            with open("/proc/self/cgroup") as f:
                if "/" + self.busctl["unit"] in f.read():
                    return "scoped"
            time.sleep(0.05)
        return ""

    def run(self):
        code = 0
        for index, command in enumerate(self.commands):
            if self.stopped:
                self.finish(143)
            self.at, self.ok = index, command["ok"]
            if index > 0:
                write_file(self.d + "/at", "%-15s\n" % index, os.O_WRONLY | os.O_CREAT)
            code = self.run_one(index, command)
            if code not in self.ok:
                break
        self.finish(code)

    def run_one(self, index, command):
        path = "%s/%d" % (self.own("in"), index) if command["stdin"] else "/dev/null"
        stdin = os.open(path, os.O_RDONLY)
        if command["stdin"]:
            remove(path)
        os.umask(UMASK)
        try:
            pid = spawn_command(command["words"], self.env, stdin)
        except OSError as e:
            name = command["words"][0]
            write_all(2, "exec: %s: %s\n" % (name, "not found" if e.errno == 2 else e.strerror))
            return 127 if e.errno == 2 else 126
        finally:
            os.umask(0o077)
            os.close(stdin)
        return self.wait_for(pid)

    # Ends what writes more than it may, whether anybody follows or not; it looks more often the faster that comes.
    def wait_for(self, pid):
        before, pause = 0, 0.2
        while True:
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                return os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)
            if not self.limit:
                signal.sigtimedwait([signal.SIGCHLD], 60)
                continue
            signal.sigtimedwait([signal.SIGCHLD], pause)
            size = os.fstat(1).st_size
            if size > self.limit:
                self.too_much()
            pause = 0.1 if size - before > self.limit // 16 else 1
            before = size

    def too_much(self):
        name = "TERM" if self.over == "-" else "KILL"
        self.over = "over"
        own = str(os.getpid())
        for pid in os.listdir("/proc"):
            if pid.isdigit() and pid != own:
                fields = stat_of(pid)
                if fields and fields[3] == own:
                    self.signal(int(pid), name)
        self.give_back()
        signal.sigtimedwait([signal.SIGCHLD], 0.2)

    def signal(self, pid, name):
        try:
            os.kill(pid, getattr(signal, "SIG" + name))
        except PermissionError:
            if self.become:
                output_of(["sudo", "-n", "kill", "-s", name, str(pid)], self.env)
        except OSError:
            pass

    # A hole keeps the offsets of those who follow.
    def give_back(self):
        length = os.fstat(1).st_size - self.limit + 1
        if length > 0:
            output_of(["fallocate", "--punch-hole", "--offset", str(self.limit), "--length", str(length), self.d + "/out"], self.env)

    def finish(self, code):
        if self.over != "-":
            self.give_back()
        size = os.fstat(1).st_size
        if self.over != "-":
            size = min(size, self.limit)
        full = "" if code in self.ok else output_of(["sh", "-c", self.full_disks, "sh", self.d], self.env).strip()
        line = "%d %d %d %s %s %s %s" % (code, self.at, size, self.began, now(), self.over, full)
        for _ in range(60):
            try:
                write_file(self.own("exit"), "%-511s\n" % line, os.O_WRONLY | os.O_CREAT)
                os.rename(self.own("exit"), self.d + "/exit")
                break
            except OSError:
                time.sleep(1)
        try:
            if any(command["stdin"] for command in self.commands):
                remove(*[self.d + "/" + n for n in os.listdir(self.d) if n.startswith("in.")])
        finally:
            os._exit(0)

# In the forked child: never returns. What it says on the pipe is "begun" and its link, nothing, or why it could not begin.
def run_detached(d, asked, pipe):
    os.setsid()
    null = os.open("/dev/null", os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    if pipe != 3:
        pipe = os.dup2(pipe, 3, False)
    os.closerange(4, 1024)
    runner = Runner(d, asked)
    def stop(*_):
        runner.stopped = True
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [signal.SIGCHLD])
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, stop)
    os.umask(0o077)
    fields = stat_of("self")
    rename_process(["hopscotch", d + "/script", d, runner.m], fields)
    refused = runner.begin(fields)
    try:
        os.write(pipe, ("begun " + runner.link if refused is None else refused).encode())
    except OSError:
        pass
    os.close(pipe)
    if refused is not None:
        os._exit(1)
    out = os.open(d + "/out", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(out, 1)
    os.dup2(out, 2)
    os.close(out)
    runner.run()
