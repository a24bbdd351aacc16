
def rows(cloud, service):
    if service == "neutron":
        found = cloud.all("network", "/agents", "agents")
        return [{"name": "%s@%s" % (one["binary"], one["host"]), "id": one["id"], "isUp": one["alive"],
            "seen": one["heartbeat_timestamp"], "note": "" if one["admin_state_up"] else "switched off"} for one in found]
    api = {"nova": "compute", "cinder": "volume"}[service]
    return [{"name": "%s@%s" % (one["binary"], one["host"]), "id": one.get("id"), "isUp": one["state"] == "up",
        "seen": one["updated_at"] or "never", "note": note(one)} for one in cloud.all(api, "/os-services", "services")]

def note(one):
    notes = ["forced down"] if one.get("forced_down") else []
    if one["status"] == "disabled":
        notes.append("disabled" + (": " + one["disabled_reason"] if one.get("disabled_reason") else ""))
    return ", ".join(notes)

def said(row):
    seen = "" if row["isUp"] else ", last heard of at %s" % row["seen"]
    return "%s: %s%s%s" % (row["name"], "up" if row["isUp"] else "down", seen, " (%s)" % row["note"] if row["note"] else "")
