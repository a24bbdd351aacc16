watched=$1; shift
for service in "$@"; do
  for path in /etc/"$service"/*.conf /etc/"$service"/plugins/*/*.ini; do
    [ -r "$path" ] || continue
    awk -v path="$path" -v watched="$watched" "
      function told() { if (option != \"\") print \"option\t\" path \"\t\" section \"\t\" option \"\t\" value; option = \"\" }
      { sub(/[[:space:]]+\$/, \"\") }
      /^\$/ { told(); reads = 0; next }
      /^[ \t]/ { if (reads) { sub(/^[ \t]+/, \"\"); value = value \" \" \$0 } next }
      { told(); reads = 0 }
      /^\[.+\]\$/ { section = substr(\$0, 2, length(\$0) - 2); next }
      /^[#;[]/ || !match(\$0, /[=:]/) { next }
      { option = substr(\$0, 1, RSTART - 1); sub(/[[:space:]]+\$/, \"\", option); value = \"\"; reads = 0 }
      index(watched, \"|\" option \"|\") { reads = 1; value = substr(\$0, RSTART + 1); sub(/^[[:space:]]+/, \"\", value) }
      END { told() }
    " "$path"
  done
done