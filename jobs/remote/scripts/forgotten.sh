#: shellcheck disable=SC2154 What it is a part of assigns these.

if [ "$kind" != run ]; then
  __KEEP_FROM_BEGINNING__
  read_begun
  say forgotten "$began"
  __TRACES__
  scan
  say_each left
  exit 0
fi
