#: shellcheck disable=SC2086 Numbers, and lists of our own words.
#: shellcheck disable=SC2154 What it is a part of assigns these.
__EXECUTION__
[ -e "$d/out" ] || exit 0
size=$(($(wc -c <"$d/out")))
say size $size
__RANGE__
[ $length -le 0 ] || tail -c +$((from + 1)) "$d/out" | head -c $length
