#: shellcheck disable=SC2046,SC2086 one word a package
#: Shell: `way_back` simulates a rollback. $dir/there holds apt's simulation of the way there, $dir/lost the lines `lost NAME
#: VERSION PLACE` of old versions that the host would keep a copy of. The packages as they will be then are written down as
#: dpkg would, and apt is asked for the old versions. It prints `noback` and why, where apt would not bring all of them back.
key="function key(arch) {
    arch = field(\"Architecture\")
    return field(\"Package\") (arch == \"\" || arch == \"all\" || arch == own ? \"\" : \":\" arch)
  }
  function field(name, text) {
    if (!match(\$0, \"(^|\\n)\" name \": [^\\n]*\")) return \"\"
    text = substr(\$0, RSTART, RLENGTH); sub(/^.*: /, \"\", text); return text
  }"
way_back() {
  own=$(dpkg --print-architecture)
  moves=$(sed -n "s/^Inst \([^ ]*\) \[\([^]]*\)\] (\([^ ]*\) .*/\1 \2 \3/p; s/^Inst \([^ ]*\) (\([^ ]*\) .*/\1 - \2/p; s/^Remv \([^ ]*\) \[\([^]]*\)\].*/\1 \2 -/p" "$dir/there")
  [ -n "$moves" ] || return 0
  mkdir -p "$dir/kept"
  names=$(awk "{ print \$2 }" "$dir/lost")
  if [ -n "$names" ]; then
    dpkg-query --status $names | awk "/^[^ ]/ { skip = /^(Status|Conffiles|Config-Version):/ } /^Package: / { name = \$2 }
      !NF { end() } NF && !skip { print; open = 1 } END { end() }
      function end() { if (open) printf \"Filename: ./%s.deb\\nSize: 1\\nSHA256: %064d\\n\\n\", name, 0; open = 0 }" >"$dir/kept/Packages"
    echo "deb [trusted=yes] file:$dir/kept ./" >"$dir/sources.list.d/hopscotch-way-back.list"
    apt-get -q -o APT::Get::List-Cleanup=0 -o Dir::Etc::SourceList="$dir/sources.list.d/hopscotch-way-back.list" -o Dir::Etc::SourceParts=- update >/dev/null 2>&1
  fi
  {
    printf "%s\n" "$moves" | awk "{ print \"moving\", \$1; print \"\" }"
    cat /var/lib/dpkg/status
  } | awk -v own="$own" -v RS= "$key"" /^moving / { moving[substr(\$0, 8)] = 1; next } !(key() in moving) { print; print \"\" }" >"$dir/status"
  apt-cache show $(printf "%s\n" "$moves" | awk "\$3 != \"-\" { print \$1 \"=\" \$3 }") 2>/dev/null |
    awk -v own="$own" -v RS= "$key"" !(key() in seen) { seen[key()] = 1; print; print \"\" }" |
    awk "!NF { skip = 0 } /^[^ ]/ { skip = /^(Filename|Size|MD5sum|SHA[0-9]*|Description-md5|Status):/ } !skip { print } /^Package: / { print \"Status: install ok installed\" }" >>"$dir/status"
  if back=$(apt-get -q --simulate -o Dir::State::status="$dir/status" install --allow-downgrades --allow-change-held-packages $(printf "%s\n" "$moves" | awk "{ print \$2 == \"-\" ? \$1 \"-\" : \$1 \"=\" \$2 }") 2>&1); then
    {
      printf "%s\n" "$moves" | sed "s/^/want /"
      printf "%s\n" "$back" | sed -n "s/^Inst \([^ ]*\) .*(\([^ ]*\) .*/is \1 \2/p; s/^Inst \([^ ]*\) (\([^ ]*\) .*/is \1 \2/p; s/^Remv \([^ ]*\) .*/is \1 -/p"
    } | awk "\$1 == \"want\" { want[\$2] = \$3 == \"-\" ? \"-\" : \$3; next }
      { seen[\$2] = 1; if (!(\$2 in want) || want[\$2] != \$3) print \"noback\", \$2 \" would be \" (\$3 == \"-\" ? \"removed\" : \$3) (\$2 in want ? \", not \" want[\$2] : \"\") }
      END { for (name in want) if (!(name in seen)) print \"noback\", name \" would stay as it is\" }" | sort | head -n 12
    # A real run, which answers nothing, would refuse that.
    ! printf "%s\n" "$back" | grep -q "essential packages will be removed" || echo "noback an essential package would have to be removed"
  else
    printf "%s\n" "$back" | sed -n "s/^E: /noback /p"
    printf "%s\n" "$back" | sed -n "/^The following packages have unmet/,/^E: /s/^ /noback /p" | head -n 12
  fi
}
