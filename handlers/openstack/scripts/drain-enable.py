#: Python: SCRIPT OPENRC PATIENCE HOST SECONDS MARK enables nova-compute once it is up, unless somebody else had disabled it.
what = "compute-drain"
#api
# include: computes.py

def work():
    cloud, host, waiting = Cloud(sys.argv[1], int(sys.argv[2])), sys.argv[3], Waiting(int(sys.argv[4]))
    row = service_of(cloud, host)
    while row["state"] != "up":
        waiting.rest("nova-compute on %s to be up: it is %s, and was last heard of at %s" % (host, row["state"], row["updated_at"]))
        row = service_of(cloud, host)
    say("nova-compute on %s: up after %d s" % (host, waiting.spent()))
    if row["status"] == "enabled":
        return
    if not (row["disabled_reason"] or "").startswith(sys.argv[5]):
        say("it stays disabled, as somebody left it: %s" % (row["disabled_reason"] or "no reason given"))
        return
    enable(cloud, host)

done(work)
