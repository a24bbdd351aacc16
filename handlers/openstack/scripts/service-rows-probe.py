#: Python: SCRIPT OPENRC PATIENCE SERVICE answers the rows of services or agents.
what = "service-rows"
#api
# include: compute-rows.py

told(lambda: {"rows": rows(Cloud(sys.argv[1], int(sys.argv[2])), sys.argv[3])})
