#: Scripts that start their daemon with `start-stop-daemon --background`, as those of Debian's OpenStack do, end before it has
#: written its pid file: until then their `status` says that nothing runs. What has not come up by then is said by the look that
#: follows.
what=comes-up
for second in 0 1 2 3 4 5 6 7 8 9; do
  "$1" status >/dev/null 2>&1 && exit
  sleep 1
done
exit 0
