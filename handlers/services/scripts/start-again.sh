what=start-again
# include: comes-up.sh
systemctl start "$1" && exit
code=$?
comes_up "$1" && exit
exit "$code"