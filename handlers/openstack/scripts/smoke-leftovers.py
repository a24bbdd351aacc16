
def left(cloud):
    found = []
    kinds = [("compute", "/servers/detail?name=%s", "servers", "server"), ("network", "/ports", "ports", "port"),
        ("volume", "/volumes/detail", "volumes", "volume")]
    for service, path, key, kind in kinds:
        if cloud.has(service):
            path = path % quoted(prefix) if "%" in path else path
            found += [{"kind": kind, "id": one["id"], "name": one["name"]}
                for one in cloud.all(service, path, key) if (one["name"] or "").startswith(prefix)]
    return found

paths = {"server": ("compute", "/servers/"), "port": ("network", "/ports/"), "volume": ("volume", "/volumes/")}

def remove(cloud, ones, waiting):
    for one in ones:
        service, path = paths[one["kind"]]
        if cloud.call("DELETE", service, path + one["id"], missing=True) is None:
            continue
        what = "%s %s to be gone" % (one["kind"], one["name"])
        while cloud.call("GET", service, path + one["id"], missing=True) is not None:
            waiting.rest(what)
        say("%s %s: deleted" % (one["kind"], one["name"]))
