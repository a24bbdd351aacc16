#: Python: SCRIPT OPENRC PATIENCE JSON disables nova-compute and moves its servers to other hosts, one after the other.
what = "compute-drain"
#api
# include: computes.py

wants = json.loads(sys.argv[3])
host = wants["host"]
waiting = Waiting(wants["timeout"])
settled = ["ACTIVE", "PAUSED", "SHUTOFF"]

def stays(one):
    return one["name"] in wants["leave"] or one["id"] in wants["leave"]

def get(cloud, one):
    found = cloud.call("GET", "compute", "/servers/" + one["id"], missing=True)
    return found and found["server"]

def act(cloud, one, body):
    cloud.call("POST", "compute", "/servers/%s/action" % one["id"], body)

def last_migration(cloud, one):
    found = cloud.all("compute", "/os-migrations?source_compute=" + quoted(host), "migrations")
    mine = [row for row in found if row["instance_uuid"] == one["id"]]
    return max(mine, key=lambda row: row["id"]) if mine else {"id": 0}

def last_action(cloud, one):
    found = cloud.call("GET", "compute", "/servers/%s/os-instance-actions" % one["id"])["instanceActions"]
    return found[0] if found else {"request_id": None, "message": None}

# From Ussuri on an event says why it failed; before, it has a traceback without the error that it ends with.
def events_of(cloud, one, action):
    path = "/servers/%s/os-instance-actions/%s" % (one["id"], action["request_id"])
    found = cloud.call("GET", "compute", path, version="2.84", missing=True) or cloud.call("GET", "compute", path)
    return found["instanceAction"].get("events") or []

# Nova answers before the scheduler has looked for a host: the action says why there is none, a little after all else.
def why_not(cloud, one, known, is_late):
    action, row = last_action(cloud, one), last_migration(cloud, one)
    if action["request_id"] != known[0] and action["message"]:
        events = events_of(cloud, one, action)
        said = [" ".join(event["details"].split()) for event in events if event.get("details")]
        trace = "\n".join(event.get("traceback") or "" for event in events)
        raised = [line.strip() for line in trace.splitlines() if line.strip().startswith("raise ")]
        nowhere = re.search(r"NoValidHost|in select_destinations", trace)
        why = said[-1:] or (["the scheduler named no host that would take it"] if nowhere else raised[-1:])
        return ": ".join([action["action"], action["message"]] + why)
    if is_late and row["id"] > known[1] and row["status"] in ("error", "failed", "cancelled"):
        return "migration %d ended as %s" % (row["id"], row["status"])
    return None

def settle(cloud, one, moved, known, doing):
    quiet = 0
    while True:
        now = get(cloud, one)
        if now is None:
            return say("server %s: was deleted" % one["name"])
        task, status, at = now["OS-EXT-STS:task_state"], now["status"], now["OS-EXT-SRV-ATTR:host"]
        if status == "ERROR":
            raise Stop("%s ended as ERROR: %s" % (doing, " ".join(now.get("fault", {}).get("message", "it says no more").split())))
        if moved(now) and task is None:
            return now
        if task is None and status in settled:
            quiet += 1
            why = why_not(cloud, one, known, quiet > 3)
            if why or quiet > 15:
                raise Stop("%s did not happen: %s" % (doing, why or "nova stopped without a reason, see its logs"))
        waiting.rest("server %s to leave %s: it is %s%s" % (one["name"], host, status, " (%s)" % task if task else ""))

def gone(now):
    return now["OS-EXT-SRV-ATTR:host"] not in (None, host) and now["status"] in settled

def move(cloud, one):
    status = one["status"]
    live = wants["mode"] == "live" and status in ("ACTIVE", "PAUSED")
    if not live and status not in ("ACTIVE", "SHUTOFF"):
        raise Stop("it is %s, and nova moves such a server nowhere" % status)
    known, clock = (last_action(cloud, one)["request_id"], last_migration(cloud, one)["id"]), Waiting(0)
    say("server %s: %s, %s" % (one["name"], status, "live migration" if live else "cold migration"))
    if live:
        act(cloud, one, {"os-migrateLive": {"host": None, "block_migration": "auto"}})
        now = settle(cloud, one, gone, known, "the live migration")
    else:
        act(cloud, one, {"migrate": None})
        resized = lambda now: now["status"] == "VERIFY_RESIZE" or gone(now)
        now = settle(cloud, one, resized, known, "the cold migration")
        if now and now["status"] == "VERIFY_RESIZE":
            act(cloud, one, {"confirmResize": None})
            now = settle(cloud, one, gone, known, "confirming the cold migration")
    if now:
        say("server %s: %s on %s after %d s" % (one["name"], now["status"], now["OS-EXT-SRV-ATTR:host"], clock.spent()))

# A cold migration from a host that is down begins, and never ends. After a start it takes a while to be up.
def be_up(cloud, row):
    patience = Waiting(min(60, wants["timeout"]))
    while row["state"] != "up":
        heard = row["updated_at"] or "no time"
        patience.rest("nova-compute on %s to be up, as none else moves its servers: last heard of at %s" % (host, heard))
        row = service_of(cloud, host)

# What asked for a zone that has no other compute stays where it is, if that is known to be so.
def is_nowhere(reason):
    return wants.get("nowhere") and re.search(r"No valid host|NoValidHost|named no host that would take it", str(reason))

def work():
    cloud = Cloud(sys.argv[1], int(sys.argv[2]))
    row = service_of(cloud, host)
    if wants["mode"] != "skip" and not all(stays(one) for one in servers_on(cloud, host)):
        be_up(cloud, row)
    if row["status"] == "disabled":
        say("nova-compute on %s: disabled already (%s)" % (host, row["disabled_reason"] or "no reason given"))
    else:
        disable(cloud, host, wants["reason"])
    servers = servers_on(cloud, host)
    if wants["mode"] == "skip":
        say("%d servers stay on %s: %s" % (len(servers), host, ", ".join(one["name"] for one in servers) or "none"))
        return
    failed, stayed = [], []
    for one in servers:
        if stays(one):
            say("server %s: %s, may stay" % (one["name"], one["status"]))
            continue
        try:
            move(cloud, one)
        except Stop as reason:
            if is_nowhere(reason):
                stayed.append(one["id"])
                say("server %s: stays, as %s" % (one["name"], wants["nowhere"]))
                continue
            failed.append("%s: %s" % (one["name"], reason))
            say("server %s: %s" % (one["name"], reason))
            if waiting.spent() >= wants["timeout"]:
                break
    rest = [one for one in servers_on(cloud, host) if not stays(one) and one["id"] not in stayed]
    if failed or rest:
        names = ", ".join("%s (%s)" % (one["name"], one["status"]) for one in rest)
        raise Stop("%d servers are left on %s: %s%s" % (len(rest), host, names, "; " + "; ".join(failed) if failed else ""))
    left = "%d servers stay" % len(stayed) if stayed else "no server is left"
    say("%s on %s after %d s" % (left, host, waiting.spent()))

done(work)
