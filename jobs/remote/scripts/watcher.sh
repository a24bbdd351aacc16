#: Reports progress, and ends a tail that would wait for a zombie or for a stranger with the same pid.
#: shellcheck disable=SC2086 Numbers, and lists of our own words.
#: shellcheck disable=SC2154 What it is a part of assigns these.

watch() {
  last=
  while kill -0 $$ 2>/dev/null; do
    read -r at <"$d/at" && [ "$at" != "$last" ] && { last=$at; say at $at; }
    alive || { nap 1; kill $tail 2>/dev/null; return; }
    nap 1
  done
}
