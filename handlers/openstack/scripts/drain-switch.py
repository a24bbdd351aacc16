#: Python: SCRIPT OPENRC PATIENCE HOST REASON disables nova-compute, or enables it where the reason is empty.
what = "compute-drain"
#api
# include: computes.py

def work():
    cloud, host, reason = Cloud(sys.argv[1], int(sys.argv[2])), sys.argv[3], sys.argv[4]
    disable(cloud, host, reason) if reason else enable(cloud, host)

done(work)
