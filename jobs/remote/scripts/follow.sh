#: shellcheck disable=SC2046 Numbers, and words that are to be told apart.
#: shellcheck disable=SC2086 Numbers, and lists of our own words.
#: shellcheck disable=SC2154 What it is a part of assigns these.

say began $attached $pid $(age) "$began"
copied=
if ! [ -e "$d/exit" ] && alive; then
  tail -c +$((from + 1)) -f --pid=$pid -s 0.05 "$d/out" &
  tail=$!
  watch &
  watch=$!
  wait $tail
  kill $watch 2>/dev/null
  copied=yes
fi
lives=no
alive && lives=yes
if [ -e "$d/exit" ]; then
  read -r code at bytes began ended over full <"$d/exit"
  [ -n "$copied" ] || [ $bytes -le $from ] || tail -c +$((from + 1)) "$d/out" | head -c $((bytes - from))
  say exited $code $at $bytes "$began" "$ended" $over $full
elif [ $lives = yes ]; then
  nap 0.2
  say again
else
  [ -n "$copied" ] || tail -c +$((from + 1)) "$d/out" 2>/dev/null
  __EVIDENCE__
fi
