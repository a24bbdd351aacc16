#: Python: SCRIPT OPENRC PATIENCE SECONDS JSON deletes what that names; all of it may be gone already.
what = "smoke"
#api
prefix = ""
# include: smoke-leftovers.py

done(lambda: remove(Cloud(sys.argv[1], int(sys.argv[2])), json.loads(sys.argv[4]), Waiting(int(sys.argv[3]))))
