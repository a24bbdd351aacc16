#: shellcheck disable=SC2154 What it is a part of assigns these.
read_begun
if [ "$kind" != run ]; then
__TRACES__
elif [ "$boot" = "$boot_now" ]; then
  members=" $pid:$start "
fi
scan
