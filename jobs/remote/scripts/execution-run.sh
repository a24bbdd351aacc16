#: shellcheck disable=SC2094 It is open by then, and goes so that nothing is left.
#: shellcheck disable=SC2154 What it is a part of assigns these.
run() {
  [ -z "$stopped" ] || finish 143
  at=$1 ok=$2 in=$3
  shift 3
  printf '%-15s\n' "$at" 1<>"$d/at"
  if [ "$in" = - ]; then
    (umask "$u"; exec "$@") </dev/null
  else
    { rm -f "$d/in.$m/$in"; (umask "$u"; exec "$@"); } <"$d/in.$m/$in"
  fi
  code=$?
  case " $ok " in *" $code "*) ;; *) finish $code ;; esac
}