#: Scripts that start their daemon with `start-stop-daemon --background`, as those of Debian's OpenStack do, end before it has
#: written its pid file: until then their `status` says that nothing runs. What has not come up in ten seconds is said by the look
#: that follows. Takes the words that ask for it.
says_it_runs() {
  for second in 0 1 2 3 4 5 6 7 8 9; do
    "$@" >/dev/null 2>&1 && return
    sleep 1
  done
}
