
import re
def service_of(cloud, host):
    rows = cloud.all("compute", "/os-services?binary=nova-compute", "services")
    mine = [row for row in rows if row["host"] == host]
    if not mine:
        raise Stop("nova knows no nova-compute on %s; it knows %s" % (host, ", ".join(sorted(row["host"] for row in rows)) or "none"))
    return mine[0]

def servers_on(cloud, host):
    found = cloud.all("compute", "/servers/detail?all_tenants=1&host=" + quoted(host), "servers")
    return [one for one in found if one["OS-EXT-SRV-ATTR:host"] == host]

# Nova writes it down before it waits for the compute to hear of it, which a balancer may find too long.
def change(cloud, host, body):
    try:
        cloud.call("PUT", "compute", "/os-services/" + service_of(cloud, host)["id"], body)
    except Stop as reason:
        if service_of(cloud, host)["status"] != body["status"]:
            raise
        say("nova did it, and did not answer: %s" % reason)

def nodes_of(cloud, host):
    nodes = cloud.all("compute", "/os-hypervisors/detail", "hypervisors") if cloud.has("placement") else []
    return [node["id"] for node in nodes if node["service"]["host"] == host]

def is_kept_out(cloud, node):
    found = cloud.call("GET", "placement", "/resource_providers/%s/traits" % node, missing=True)
    return found and "COMPUTE_STATUS_DISABLED" in found["traits"]

# A compute that did not hear of it tells placement about once a minute; until then it gets no servers.
def enable(cloud, host):
    change(cloud, host, {"status": "enabled"})
    say("nova-compute on %s: enabled" % host)
    waiting = Waiting(150)
    try:
        for node in nodes_of(cloud, host):
            while is_kept_out(cloud, node):
                waiting.rest("placement to accept servers for %s: see that its nova-compute runs" % host)
    except Stop as reason:
        say(str(reason))

def disable(cloud, host, reason):
    change(cloud, host, {"status": "disabled", "disabled_reason": reason[:255]})
    say("nova-compute on %s: disabled (%s)" % (host, reason))
