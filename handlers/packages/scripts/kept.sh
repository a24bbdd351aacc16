#: Shell: `kept` reads what apt-get simulated and prints `kept NAME SOURCE`, `phased NAME SOURCE` and, where preferences
#: keep a package from the newest version that is offered, `pinned NAME SOURCE VERSION`.
kept() {
  {
    awk "/^[^ ]/ { tag = /kept back:/ ? \"kept\" : /due to phasing:/ ? \"phased\" : \"\" } /^ / && tag != \"\" { for (i = 1; i <= NF; i++) print tag, \$i }"
    apt-cache policy 2>/dev/null | sed -n "/^Pinned packages:/,\$s/^ *\([^ ]*\) -> .*/\1/p" | sort -u | while read -r name; do
      apt-cache policy "$name" 2>/dev/null | awk -v name="$name" "
        /^  Installed: / && \$2 != \"(none)\" { installed = \$2 }
        /^ (\*\*\*|   ) [^ ]/ && !top { top = \$1 == \"***\" ? \$2 : \$1; if (installed != \"\" && top != installed) print \"pinned\", name, top }"
    done
  } | while read -r tag name more; do
    echo "$tag $name $(dpkg-query --show --showformat="\${source:Package}" "$name" 2>/dev/null || echo -) $more"
  done | sed "s/ *$//"
}
