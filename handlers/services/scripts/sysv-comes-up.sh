what=comes-up
# include: says-it-runs.sh
says_it_runs "$1" status
