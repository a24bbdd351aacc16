#: Python: SCRIPT OPENRC PATIENCE PREFIX answers what smoke tests left in the cloud.
what = "smoke"
#api
prefix = sys.argv[3]
# include: smoke-leftovers.py

told(lambda: {"left": left(Cloud(sys.argv[1], int(sys.argv[2])))})
