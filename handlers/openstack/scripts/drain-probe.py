#: Python: SCRIPT OPENRC PATIENCE HOST answers how the nova-compute of a host is and what servers it has.
what = "compute-drain"
#api
# include: computes.py

def look():
    cloud, host = Cloud(sys.argv[1], int(sys.argv[2])), sys.argv[3]
    row = service_of(cloud, host)
    servers = [{"id": one["id"], "name": one["name"], "status": one["status"]} for one in servers_on(cloud, host)]
    return {"status": row["status"], "reason": row["disabled_reason"] or "", "isUp": row["state"] == "up", "servers": servers}

told(look)
