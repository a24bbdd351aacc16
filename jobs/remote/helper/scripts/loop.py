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

# Defines what begins and follows executions.
def load_steps():
    global STEPS
    if STEPS:
        text, STEPS = STEPS, b""
        exec(text, globals())

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
    load_steps()
    follow = FOLLOWS[n] = Follow(n, d, asked)
    if do == "begin":
        follow.begin(asked)
    else:
        follow.attach()

class Json:
    strict, object_hook, object_pairs_hook, parse_float, parse_int, parse_constant = True, None, None, float, int, None

# Of `json` itself only what reads: the rest takes longer to load than all else here. What is written as JSON is a literal of
# Python as well.
def read_json(line):
    if SCAN:
        return SCAN(line, 0)[0]
    return eval(line, {"__builtins__": {}}, {"true": True, "false": False, "null": None})

try:
    from _json import make_scanner
    SCAN = make_scanner(Json)
except ImportError:
    SCAN = None

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
        answer(read_json(line.decode("utf-8", "surrogateescape")))

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
        idle = 500 if STEPS and not ANSWERS else None
        ready = POLL.poll(held * 1000 if held > 0 else 20 if new else 200 if blind else 5000 if FOLLOWS else idle)
        for fd, _ in ready:
            handler = HANDLERS.get(fd)
            if handler:
                handler()
        if not ready:
            if idle and not FOLLOWS:
                load_steps()
            for follow in list(FOLLOWS.values()):
                follow.go_on()

main()
