#: shellcheck disable=SC2086 Numbers, and lists of our own words.
#: shellcheck disable=SC2154 What it is a part of assigns these.
#: shellcheck disable=SC2170 A number stands there when it runs.

hit() {
  kill -s $1 $2 2>/dev/null || __OR_AS_ROOT__
}
hit_all() {
  for member in $living; do
    case " $spared " in *" $member "*) continue ;; esac
    hit $1 ${member%:*}
    # A stopped process hears nothing but this.
    [ $1 = KILL ] || hit CONT ${member%:*}
    [ $1 = KILL ] || spared="$spared $member"
  done
}
spared= round=0
__KNOWN__
found=$members
while [ -n "$living" ] && [ $round -le __ROUNDS__ ]; do
  hit_all TERM
  round=$((round + 1))
  nap 0.1
  scan
done
# The shell that runs the commands comes last, and only alone: it still has an exit code to write.
spared= round=0
[ "$kind" != run ] || spared=$pid:$start
while [ -n "$living" ] && [ $round -lt 30 ]; do
  hit_all KILL
  round=$((round + 1))
  [ $round -lt 15 ] || [ "$living" != " $pid:$start" ] || spared=
  nap 0.1
  scan
done
if [ -n "$living" ]; then
  say_each alive
elif [ "$kind" != run ] && [ "$found" = " " ]; then
  say forgotten "$began"
elif [ -n "$limited" ] && [ -z "$scoped" ]; then
  say __UNSEEN__
else
  say gone
fi
exit 0
