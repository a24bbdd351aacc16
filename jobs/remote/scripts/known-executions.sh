#: shellcheck disable=SC2154 What it is a part of assigns these.
__REMOTE__
for d in "$b"/__STEM__.*; do
  [ -h "$d/begun" ] || continue
  read_begun
  [ "$kind" != run ] || say has "${d##*/}"
done
