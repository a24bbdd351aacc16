#: Python that follows one execution for one who asked: by events of the kernel, for as long as it runs. `Inotify` is loaded
#: only for those that take longer than a moment.

class Follow:
    def __init__(self, n, d, asked):
        self.n, self.d, self.offset, self.window = n, d, asked["from"], 2 * 1024 * 1024
        self.is_gone, self.next = False, asked.get("next")
        self.out = self.unread = self.at = self.pidfd = self.watch = self.pipe = None
        self.attached, self.born, self.over, self.may_begin = "yes", time.monotonic(), False, False

    def say(self, *words):
        say(self.n, *words)

    def end(self, *words):
        global HOLD
        if words:
            self.say(*words)
        self.say("end")
        HOLD = 0
        self.over = True
        for fd in (self.out, self.unread, self.pidfd, self.pipe):
            if fd is not None:
                forget(fd)
        # False where Python has no ctypes, as Debian's python3-minimal.
        if self.watch is not None and INOTIFY:
            INOTIFY.remove(self)
        FOLLOWS.pop(self.n, None)

    def begin(self, asked):
        self.may_begin = True
        if os.path.islink(self.d + "/begun"):
            return self.attach()
        m = asked["mark"]
        try:
            os.makedirs(self.d, 0o700, True)
            for index, command in enumerate(asked["commands"]):
                if command["stdin"]:
                    os.makedirs(self.d + "/in." + m, 0o700, True)
                    write_file("%s/in.%s/%d" % (self.d, m, index), command["input"])
            for name in ("note", "script"):
                write_file(self.d + "/" + name + "." + m, asked[name])
                os.rename(self.d + "/" + name + "." + m, self.d + "/" + name)
            self.unread = os.open(self.d + "/out", os.O_RDONLY | os.O_CREAT, 0o600)
        except OSError as e:
            remove(*[self.d + "/" + name + "." + m for name in ("in", "note", "script")])
            return self.end("fail", unwritable(self.d, e.strerror))
        except ValueError as e:
            return self.end("fail", "starting in %s: %s" % (self.d, e))
        self.pipe, w = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                run_detached(self.d, asked, w)
            finally:
                os._exit(1)
        os.close(w)
        CHILDREN[pid] = self
        self.heard = b""
        listen(self.pipe, self.hear)

    def hear(self):
        part = os.read(self.pipe, 4096)
        self.heard += part
        if part:
            return
        forget(self.pipe)
        self.pipe = None
        said = self.heard.decode("utf-8", "replace")
        if said.startswith("begun "):
            self.attached = "no"
            # Not from the disk: the step may have removed its own record.
            return self.follow(said[6:].split(" "), True)
        if not os.path.islink(self.d + "/begun"):
            return self.end("fail", "starting in %s: %s" % (self.d, said))
        self.attach()

    def attach(self):
        record = read_begun(self.d)
        if record is None:
            return self.end("shell")
        if record[0] != "run":
            return self.end("aborted", record[1]) if self.may_begin else self.end("shell")
        try:
            if self.unread is None:
                self.unread = os.open(self.d + "/out", os.O_RDONLY)
        except OSError:
            return self.end("shell")
        self.follow(record)

    # is_own: it has just begun, as a child of this process that was not waited for yet.
    def follow(self, record, is_own=False):
        global HOLD
        self.pid, self.start, self.boot, self.began = record[1:5]
        self.say("began", self.attached, self.pid, age(self.boot, self.start), self.began)
        self.out, self.unread = self.unread, None
        if (is_own or alive(self.pid, self.start, self.boot)) and hasattr(os, "pidfd_open"):
            try:
                self.pidfd = os.pidfd_open(int(self.pid))
                listen(self.pidfd, self.gone)
            except OSError:
                self.pidfd = None
        if is_own and self.pidfd is not None:
            # What ends in a moment is told together with its beginning.
            HOLD = time.monotonic() + 0.005
            return
        self.go_on()

    def ended(self, status):
        self.go_on()

    def gone(self):
        forget(self.pidfd)
        self.pidfd, self.is_gone = None, True
        self.go_on()

    # Whether it lives is asked before whether it left an exit code: who ends writes that first.
    def go_on(self):
        if self.over or self.out is None:
            return
        lives = not self.is_gone and alive(self.pid, self.start, self.boot)
        ended = read_line(self.d + "/exit")
        if ended is None:
            self.copy(None)
            if lives:
                return self.tell_at()
            return self.end("shell")
        words = ended.split()
        if self.copy(int(words[2])):
            if self.next and not os.path.lexists(HOME + "/.hopscotch/" + self.next + "/begun"):
                self.say("unbegun", self.next)
            self.end("exited", *words)

    def tell_at(self):
        at = read_line(self.d + "/at")
        if at and at.strip() != self.at:
            self.at = at.strip()
            self.say("at", self.at)

    # Whether all of it is told, as far as the other side has room.
    def copy(self, until):
        while self.window > 0:
            room = min(262144, self.window, 262144 if until is None else until - self.offset)
            part = os.pread(self.out, room, self.offset) if room > 0 else b""
            if not part:
                return True
            say(self.n, "out", len(part), data=part)
            self.offset += len(part)
            self.window -= len(part)
        return until is not None and self.offset >= until

    def slow(self):
        return self.out is not None and self.watch is None and time.monotonic() - self.born > 0.02

class Inotify:
    def __init__(self):
        import ctypes
        self.libc, self.fd, self.by_watch = ctypes.CDLL(None, use_errno=True), -1, {}

    def add(self, follow):
        if self.fd < 0:
            self.fd = self.libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
            if self.fd >= 0:
                listen(self.fd, self.read)
        mask = 0x2 | 0x80  # IN_MODIFY, IN_MOVED_TO
        follow.watch = self.libc.inotify_add_watch(self.fd, follow.d.encode(), mask) if self.fd >= 0 else -1
        if follow.watch >= 0:
            self.by_watch.setdefault(follow.watch, []).append(follow)
        follow.go_on()

    def remove(self, follow):
        same = self.by_watch.get(follow.watch, [])
        if follow in same:
            same.remove(follow)
        if not same and self.by_watch.pop(follow.watch, None) is not None:
            self.libc.inotify_rm_watch(self.fd, follow.watch)

    def read(self):
        data, at, woken = os.read(self.fd, 65536), 0, set()
        while at < len(data):
            woken.add(int.from_bytes(data[at:at + 4], sys.byteorder, signed=True))
            at += 16 + int.from_bytes(data[at + 12:at + 16], sys.byteorder)
        for watch in woken:
            for follow in list(self.by_watch.get(watch, [])):
                follow.go_on()
