#: Python: SCRIPT SERVICE OK-EXITS WORD... runs an upgrade check and prints a line for every check, the worst last. Its exit is
#: that of the program, or worse where a check says so: 0 well, 1 a warning, 2 a failure, 255 a crash
#: (oslo_upgradecheck/upgradecheck.py). What the program prints decides whether it is read as JSON or as a table. Its exit
#: counts only together with results that bear it out: Python ends with 1 too where it meets an error that nobody caught, and
#: these programs read their configuration outside of what turns a crash into 255.
what = "upgrade-check"
import json, os, re, subprocess, sys
service, ok, words = sys.argv[1], [int(one) for one in sys.argv[2].split()], sys.argv[3:]
titles = ["Success", "Warning", "Failure"]

def fail(code, text):
    sys.stdout.flush()
    print("%s: %s: %s" % (what, service, text), file=sys.stderr)
    sys.exit(code)

def of_json(text):
    for part in [text] + text.splitlines():
        try:
            found = json.loads(part)
            return [(one["check"], int(one["result"]), one["details"] or "") for one in found["checks"]]
        except (ValueError, KeyError, TypeError):
            pass
    return None

def of_table(text):
    cells, lines = [], []
    for line in text.splitlines():
        if line.startswith("+"):
            cells.append(lines)
            lines = []
        elif line.startswith("|"):
            lines.append(line.strip("|").strip())
    checks = []
    for cell in cells:
        found = re.match(r"Check: (.*?) Result: (\w+) Details: (.*)", " ".join(cell))
        if found and found.group(2) in titles:
            name, result, details = found.groups()
            checks.append((name, titles.index(result), "" if details == "None" else details))
    return checks if checks or ["Upgrade Check Results"] in cells else None

def last_error(text):
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    frames = [at for at, line in enumerate(lines) if line.lstrip().startswith("Traceback (most recent call last)")]
    thrown = [line for line in lines[frames[-1] + 1:] if not line.startswith(" ")][:1] if frames else []
    errors = [line for line in lines if re.match(r"\s*[\w.]+(Error|Exception)\b", line)]
    return (thrown or errors[-1:] or lines[-1:] or ["it said nothing"])[0].strip()[:500]

def said(check):
    name, result, details = check
    return "%s  %s%s" % (titles[result], name, ": " + " ".join(details.split()) if details else "")

try:
    english = dict(os.environ, LC_ALL="C.UTF-8", LANGUAGE="en")
    ran = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=english)
except FileNotFoundError:
    fail(127, "there is no program %s on this host" % words[0])
except OSError as error:
    fail(126, "%s cannot be run: %s" % (words[0], error.strerror))
out, err = (text.decode("utf-8", "replace") for text in (ran.stdout, ran.stderr))
found = of_json(out)
found = of_table(out) if found is None else found
checks = sorted(found or [], key=lambda check: check[1])
code = 128 - ran.returncode if ran.returncode < 0 else ran.returncode
worst = max([result for name, result, details in checks] or [0])
counts_as_checked = found is not None and code in (0, 1, 2) and code <= worst
if not counts_as_checked:
    print((err + out).strip()[-4000:])
for check in checks:
    print(said(check))
if not counts_as_checked:
    what_it_did = "%s ended with exit %d" % (words[0], code)
    if code not in (0, 1, 2):
        fail(code, "%s, so nothing was checked: %s" % (what_it_did, last_error(err + "\n" + out)))
    if found is None:
        fail(255, "%s and printed no results, so nothing was checked: %s" % (what_it_did, last_error(err + "\n" + out)))
    fail(255, "%s, and none of its results says so: %s" % (what_it_did, last_error(err)))
counts = ["%d %s" % (len([1 for check in checks if check[1] == result]), titles[result]) for result in range(3)]
print("%s: %d checks: %s" % (service, len(checks), ", ".join(one for one in counts if one[0] != "0")))
if worst > code:
    print("%s: %s ended with exit %d, although it says %s" % (service, words[0], code, titles[worst]))
code = max(code, worst)
if code not in ok:
    bad = [said(check) for check in checks if check[1] not in ok] or ["exit %d" % code]
    fail(code, "; ".join(bad))
sys.exit(code)
