#: shellcheck disable=SC2154 What it is a part of assigns these.
__EXECUTION____PROCESSES____WATCHER__
m=__MARK__ from=__FROM__ attached=yes
__UNLESS_BEGUN__
read_begun
[ "$kind" != abort ] || { say aborted "$began"; exit 0; }
__FORGOTTEN__
__FOLLOW__