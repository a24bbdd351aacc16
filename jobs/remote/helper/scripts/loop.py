#: Hears what is asked, and lets those who answer take their turns.

POLL, HANDLERS, FOLLOWS, CHILDREN = select.poll(), {}, {}, {}
INOTIFY = None
# Until when what was said may wait for more; seconds of a steady clock.
HOLD = 0

def listen(fd, handler):
    HANDLERS[fd] = handler
    POLL.register(fd, select.POLLIN)

def forget(fd):
    if HANDLERS.pop(fd, None) is not None:
        POLL.unregister(fd)
    os.close(fd)

def answer(asked):
    n, do = asked["n"], asked["do"]
    follow = FOLLOWS.get(n) or ANSWERS.get(n)
    if do == "read":
        if n in FOLLOWS:
            follow.window += asked["bytes"]
            follow.go_on()
        return
    if do == "leave":
        if follow:
            follow.end()
        return
    if do in ("check", "probe"):
        return Answer(n, check_host if do == "check" else probe_host, asked)
    d = HOME + "/.hopscotch/" + asked["id"]
    if do == "look":
        look(n, d)
        return say(n, "end")
    follow = FOLLOWS[n] = Follow(n, d, asked)
    if do == "begin":
        follow.begin(asked)
    else:
        follow.attach()

def hear(rest=bytearray()):
    part = os.read(0, 262144)
    if not part:
        os._exit(0)
    rest += part
    while True:
        end = rest.find(b"\n")
        if end < 0:
            return
        line = bytes(rest[:end])
        del rest[:end + 1]
        # What the other side writes as JSON is a literal of Python as well.
        answer(eval(line.decode("utf-8", "surrogateescape"), {"__builtins__": {}}, {"true": True, "false": False, "null": None}))

def reap():
    try:
        os.read(WAKE, 4096)
    except OSError:
        pass
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        child = CHILDREN.pop(pid, None)
        if child:
            child.ended(status)

def main():
    global INOTIFY, WAKE
    WAKE, w = os.pipe()
    os.set_blocking(WAKE, False)
    os.set_blocking(w, False)
    signal.set_wakeup_fd(w, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    listen(0, hear)
    listen(WAKE, reap)
    os.write(1, ("\n%s hello\n" % MARK).encode())
    while True:
        slow = [f for f in FOLLOWS.values() if f.slow()]
        if slow and INOTIFY is None:
            try:
                INOTIFY = Inotify()
            except ImportError:
                INOTIFY = False
        for follow in slow:
            if INOTIFY:
                INOTIFY.add(follow)
            else:
                follow.watch = -1
        # Events tell all that happens where the kernel has them; elsewhere this looks.
        blind = [f for f in FOLLOWS.values() if f.out is not None and not f.is_gone and (f.pidfd is None or f.watch == -1)]
        new = any(f.watch is None and f.out is not None for f in FOLLOWS.values())
        held = HOLD - time.monotonic() if SAID else 0
        if held <= 0:
            tell()
        ready = POLL.poll(held * 1000 if held > 0 else 20 if new else 200 if blind else 5000 if FOLLOWS else None)
        for fd, _ in ready:
            handler = HANDLERS.get(fd)
            if handler:
                handler()
        if not ready:
            for follow in list(FOLLOWS.values()):
                follow.go_on()

main()
