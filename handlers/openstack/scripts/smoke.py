#: Python: SCRIPT OPENRC PATIENCE JSON makes a port, a server and a volume, waits for them, looks whether the survivors are ACTIVE, and
#: deletes what it made, also after a failure.
what = "smoke"
#api
import random
wants = json.loads(sys.argv[3])
prefix = wants["prefix"]
# include: smoke-leftovers.py

waiting = Waiting(wants["timeout"])
made = []

def pick(kind, ones, name, fits, size):
    found = [one for one in ones if name in (one["id"], one["name"])] if name else [one for one in ones if fits(one)]
    if not found:
        raise Stop("there is no %s %s" % (kind, name if name else "that a server could be made of"))
    return sorted(found, key=size)[0]

def choose(cloud):
    images = cloud.all("image", "/images?status=active", "images")
    plain = lambda one: one.get("image_type") != "snapshot" and one["size"]
    image = pick("image", images, wants.get("image"), plain, lambda one: (one["size"] or 0, one["name"] or ""))
    flavors = cloud.all("compute", "/flavors/detail", "flavors")
    needs = max(image.get("min_disk") or 0, (image["size"] or 0) / 2.0 ** 30)
    fits = lambda one: one["ram"] >= (image.get("min_ram") or 0) and (one["disk"] == 0 or one["disk"] >= needs)
    flavor = pick("flavor", flavors, wants.get("flavor"), fits, lambda one: (one["ram"], one["disk"], one["vcpus"], one["name"]))
    say("image %s, flavor %s" % (image["name"], flavor["name"]))
    return image, flavor

def network(cloud):
    name = wants.get("network")
    if name == "none" or not cloud.has("network"):
        return None, False
    mine = lambda one: not one.get("router:external") and one["subnets"] and (one.get("shared") or one.get("project_id") == cloud.project)
    networks = cloud.all("network", "/networks", "networks")
    if not name and not any(mine(one) for one in networks):
        say("no network that a port could be made on")
        return None, False
    one = pick("network", networks, name, mine, lambda one: one["name"])
    agents = [agent for agent in cloud.all("network", "/agents", "agents") if agent["alive"]]
    binds = any("Open vSwitch" in agent["agent_type"] or "OVN Controller" in agent["agent_type"]
        or "Linux bridge" in agent["agent_type"] for agent in agents)
    if not binds and not name:
        say("no agent would bind a port of %s to a host: the server gets none" % one["name"])
    return one, binds or bool(name)

def make(kind, service, path, key, body):
    one = cloud.call("POST", service, path, {key: dict(body, name=mark)})[key]
    one.setdefault("name", mark)
    made.append({"kind": kind, "id": one["id"], "name": mark})
    return one

def until(kind, one, good, bad):
    service, path = paths[kind]
    began, status = Waiting(0), None
    while True:
        found = cloud.call("GET", service, path + one["id"])[kind]
        now = found["status"]
        if now != status:
            after = " after %d s" % began.spent() if status else ""
            say("%s %s: %s%s%s" % (kind, mark, status + " -> " if status else "", now, after))
        status = now
        if status in good:
            return found
        if status in bad:
            fault = found.get("fault", {}).get("message", "it says no more")
            raise Stop("%s %s is %s: %s" % (kind, mark, status, " ".join(fault.split())))
        task = found.get("OS-EXT-STS:task_state")
        waiting.rest("%s %s to be %s: it is %s%s" % (kind, mark, good[0], status, " (%s)" % task if task else ""))

def server():
    image, flavor = choose(cloud)
    one, binds = network(cloud)
    nets = "none"
    if one:
        port = make("port", "network", "/ports", "port", {"network_id": one["id"], "admin_state_up": True})
        address = ", ".join(ip["ip_address"] for ip in port["fixed_ips"]) or "no address"
        say("port %s on %s: %s" % (mark, one["name"], address))
        nets = [{"port": port["id"]}] if binds else "none"
    body = {"imageRef": image["id"], "flavorRef": flavor["id"], "networks": nets}
    if wants.get("zone"):
        body["availability_zone"] = wants["zone"]
    found = until("server", make("server", "compute", "/servers", "server", body), ["ACTIVE"], ["ERROR", "DELETED"])
    host = found.get("OS-EXT-SRV-ATTR:host")
    say("server %s: ACTIVE%s" % (mark, " on %s" % host if host else ""))

def volume():
    if not cloud.has("volume"):
        raise Stop("the catalog has no endpoint of volume")
    one = make("volume", "volume", "/volumes", "volume", {"size": 1})
    until("volume", one, ["available"], ["error"])

def survivors():
    servers = cloud.all("compute", "/servers/detail?all_tenants=1", "servers")
    counts = {}
    for one in servers:
        if not one["name"].startswith(prefix):
            counts[one["status"]] = counts.get(one["status"], 0) + 1
    say("servers: %s" % (", ".join("%d %s" % (counts[key], key) for key in sorted(counts)) or "none"))
    bad = []
    for name in wants.get("survivors", []):
        states = [one["status"] for one in servers if name in (one["name"], one["id"])]
        say("survivor %s: %s" % (name, ", ".join(states) or "gone"))
        if not states or any(state != "ACTIVE" for state in states):
            bad.append("%s is %s" % (name, ", ".join(states) or "gone"))
    if bad:
        raise Stop("not all survivors are ACTIVE: %s" % "; ".join(bad))

def work():
    global cloud, mark
    mark = prefix + "%08x" % random.getrandbits(32)
    cloud = Cloud(sys.argv[1], int(sys.argv[2]))
    say("token from %s" % cloud.env["OS_AUTH_URL"])
    failed = None
    for part in [survivors, server] + ([volume] if wants["volume"] else []):
        try:
            part()
        except Stop as reason:
            failed = failed or reason
            say("failed: %s" % reason)
    if wants["keep"] and not failed:
        say("kept: %s" % ", ".join("%s %s" % (one["kind"], one["name"]) for one in made))
    else:
        clean(failed)
    if failed:
        raise failed

def clean(failed):
    try:
        # An answer that was lost may have made something all the same.
        known = set(one["id"] for one in made)
        mine = made + [one for one in left(cloud) if one["name"] == mark and one["id"] not in known]
        remove(cloud, sorted(mine, key=lambda one: ["server", "port", "volume"].index(one["kind"])), Waiting(120))
    except Stop as reason:
        if not failed:
            raise
        say("cleaning up: %s" % reason)

done(work)
