#: Python: SCRIPT OPENRC PATIENCE SERVICE SECONDS JSON shows the rows, and waits until none is down but those that may be. Those
#: that have to go are removed first, each only while it is down.
what = "service-rows"
#api
# include: compute-rows.py

service, waiting, wants = sys.argv[3], Waiting(int(sys.argv[4])), json.loads(sys.argv[5])

def remove(cloud, row):
    if row["isUp"]:
        raise Stop("%s is up, so it is not removed: stop it first" % row["name"])
    if service == "cinder":
        binary, host = row["name"].split("@", 1)
        words = ["cinder-manage", "service", "remove", binary, host]
        words = ["runuser", "-u", "cinder", "--"] + words if os.getuid() == 0 else words
        ran = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if ran.returncode != 0:
            raise Stop("%s: exit %d: %s" % (" ".join(words), ran.returncode, ran.stdout.decode("utf-8", "replace").strip()[-300:]))
    else:
        api, path = {"nova": ("compute", "/os-services/"), "neutron": ("network", "/agents/")}[service]
        cloud.call("DELETE", api, path + row["id"], missing=True)
    say("%s: removed" % row["name"])

def may_be_down(name):
    # A host may be told by its short name, and a volume service of it per backend: cinder-volume@ctl1@lvm.
    return any(name == one or name.startswith((one + ".", one + "@")) for one in wants["down"])

def work():
    cloud = Cloud(sys.argv[1], int(sys.argv[2]))
    for row in rows(cloud, service):
        if row["name"] in wants["remove"]:
            remove(cloud, row)
    while True:
        found = rows(cloud, service)
        bad = [row for row in found if not row["isUp"] and not may_be_down(row["name"]) and "forced down" not in row["note"]]
        if not bad or waiting.spent() >= waiting.seconds:
            break
        waiting.rest("rows")
    for row in sorted(found, key=lambda row: (not row["isUp"], row["name"])):
        say(said(row))
    up = len([row for row in found if row["isUp"]])
    say("%s: %d of %d are up" % (service, up, len(found)))
    if bad:
        raise Stop("%s: %d not to be expected after %d s: %s" % (service, len(bad), waiting.spent(), "; ".join(said(row) for row in bad)))

done(work)
