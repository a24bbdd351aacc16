#: What begins and follows executions. It is read only once that is asked, or nothing else is: Python takes some milliseconds to
#: compile it, and a host is checked first.
# include: runner.py
# include: follower.py
