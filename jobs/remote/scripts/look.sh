#: shellcheck disable=SC2046 Numbers, and words that are to be told apart.
#: shellcheck disable=SC2086 Numbers, and lists of our own words.
#: shellcheck disable=SC2154 What it is a part of assigns these.

[ -h "$d/begun" ] || { say none; exit 0; }
cat "$d/note" 2>/dev/null
read_begun
[ "$kind" = run ] || { say aborted "$began"; exit 0; }
say began yes $pid $(age) "$began"
lives=no
alive && lives=yes
if [ -e "$d/exit" ]; then
  read -r code at bytes began ended over full <"$d/exit"
  say exited $code $at $bytes "$began" "$ended" $over $full
elif [ $lives = yes ]; then
  read -r at 2>/dev/null <"$d/at"
  say running ${at:-0} $(($(wc -c <"$d/out")))
else
  __EVIDENCE__
fi
