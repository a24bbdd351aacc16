#: Shell: `retire ROOT EXCEPT SUITES` does that to the sources of a folder such as /etc/apt.
#: shellcheck disable=SC1122 a block of awk begins with the word that ends its text
retire() {
  program=$(cat <<"END"
# include: retire.awk
END
)
  new=$(mktemp) || return
  for file in "$1/sources.list" "$1"/sources.list.d/*.list "$1"/sources.list.d/*.sources; do
    [ -f "$file" ] && [ "$file" != "$2" ] || continue
    stanzas=0
    case $file in *.sources) stanzas=1 ;; esac
    awk -v stanzas=$stanzas -v retired="$3" "$program" "$file" >"$new" || return
    cmp -s "$new" "$file" || { cat "$new" >"$file" && echo "took other releases out of $file"; } || return
  done
  rm -f -- "$new"
}
