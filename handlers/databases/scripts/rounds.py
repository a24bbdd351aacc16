#: Python: SCRIPT SERVICE ROUNDS OK-EXITS AGAIN-EXITS LOG WORD... runs rounds while the exit code says that there is more.
#: Of the table that nova, cinder and placement print, the rows with a number in them are said again at the end of a round.
what = "data-migration"
import subprocess, sys
# include: log.py

service, most, log, words = sys.argv[1], int(sys.argv[2]), sys.argv[5], sys.argv[6:]
ok, again = ([int(one) for one in text.split()] for text in sys.argv[3:5])
end, moved = log_end(log), 0

def say(text):
    print(text)
    sys.stdout.flush()

def fail(code, text):
    show_log(log, end)
    print("%s: %s: %s" % (what, service, text), file=sys.stderr)
    sys.exit(code)

def run():
    rows = []
    child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    for line in child.stdout:
        line = line.decode("utf-8", "replace").rstrip()
        row = re.match(r"\| +(\S.*?) +\| +(\d+) +\| +(\d+) +\|$", line)
        if row:
            rows.append((row.group(1), int(row.group(2)), int(row.group(3))))
        elif not re.match(r"\+[-+]+\+$|\| +Migration +\|", line):
            say(line)
    child.wait()
    return (128 - child.returncode if child.returncode < 0 else child.returncode), rows

for number in range(1, most + 1):
    try:
        code, rows = run()
    except FileNotFoundError:
        fail(127, "there is no program %s on this host" % words[0])
    except OSError as error:
        fail(126, "%s cannot be run: %s" % (words[0], error.strerror))
    done = sum(row[2] for row in rows)
    moved += done
    counts = ", ".join("%s %d of %d" % (name, some, all) for name, all, some in rows if all or some)
    say("round %d: exit %d%s%s" % (number, code, ", %d rows moved" % done if rows else "", ": " + counts if counts else ""))
    if code in ok:
        left = ", ".join("%d of %s" % (all - some, name) for name, all, some in rows if all > some)
        if left:
            say("matched, but not to be moved: %s" % left)
        say("done after %d round%s%s" % (number, "" if number == 1 else "s", ": %d rows moved" % moved if rows else ""))
        sys.exit(0)
    if code not in again:
        why = {
            2: "errors, and nothing that could be moved: is the schema of this release synced? The log says what failed",
            127: "it takes no such number of rows (--max-count)",
        }.get(code, "it did not end well")
        fail(code, "round %d: %s ended with exit %d: %s" % (number, words[0], code, why))
fail(1, "there is more to move after %d rounds (%d rows moved), and no more are allowed" % (most, moved))
