// Holds no single quotes, so that it reads the same once it is quoted.

/**
 * Python: SCRIPT SERVICE OK-EXITS WORD... runs an upgrade check and prints a line for every check, the worst last. Its exit is
 * that of the program, or worse where a check says so: 0 well, 1 a warning, 2 a failure, 255 a crash
 * (oslo_upgradecheck/upgradecheck.py). What the program prints decides whether it is read as JSON or as a table.
 */
export const upgradeCheckPython = String.raw`what = "upgrade-check"
import json, re, subprocess, sys
service, ok, words = sys.argv[1], [int(one) for one in sys.argv[2].split()], sys.argv[3:]
titles = ["Success", "Warning", "Failure"]

def fail(code, text):
    sys.stdout.flush()
    print("%s: %s: %s" % (what, service, text), file=sys.stderr)
    sys.exit(code)

def of_json(text):
    for line in text.splitlines():
        try:
            found = json.loads(line)
            return [(one["check"], int(one["result"]), one["details"] or "") for one in found["checks"]]
        except (ValueError, KeyError, TypeError):
            pass
    return []

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
    return checks

def said(check):
    name, result, details = check
    return "%s  %s%s" % (titles[result], name, ": " + " ".join(details.split()) if details else "")

try:
    ran = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
except FileNotFoundError:
    fail(127, "there is no program %s on this host" % words[0])
except OSError as error:
    fail(126, "%s cannot be run: %s" % (words[0], error.strerror))
out, err = (text.decode("utf-8", "replace") for text in (ran.stdout, ran.stderr))
checks = sorted(of_json(out) or of_table(out), key=lambda check: check[1])
code = 128 - ran.returncode if ran.returncode < 0 else ran.returncode
worst = max([result for name, result, details in checks] or [0])
if not checks or code not in (0, 1, 2):
    print((err + out).strip()[-4000:])
for check in checks:
    print(said(check))
if code not in (0, 1, 2):
    lines = [line.strip() for line in (out + "\n" + err).splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"[\w.]+(Error|Exception)\b", line)]
    why = (errors or lines or ["it said nothing"])[-1]
    fail(code, "%s ended with exit %d, so nothing was checked: %s" % (words[0], code, why[:500]))
if checks:
    counts = ["%d %s" % (len([1 for check in checks if check[1] == result]), titles[result]) for result in range(3)]
    print("%s: %d checks: %s" % (service, len(checks), ", ".join(one for one in counts if one[0] != "0")))
elif code in ok:
    print("%s: no results were recognised in this; judged by exit %d alone" % (service, code))
if worst > code:
    print("%s: %s ended with exit %d, although it says %s" % (service, words[0], code, titles[worst]))
code = max(code, worst)
if code not in ok:
    bad = [said(check) for check in checks if check[1] not in ok] or ["exit %d" % code]
    fail(code, "; ".join(bad))
sys.exit(code)
`;
