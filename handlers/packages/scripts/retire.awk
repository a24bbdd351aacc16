function gone(s) { sub(/\/+$/, "", s); return index(" " retired " ", " " s " ") > 0 }
function put(  i, name, of, values, count, left, hit, off, key) {
  left = ""; hit = off = 0; key = ""
  for (i = 1; i <= size; i++) {
    if (line[i] ~ /^#/) { of[i] = ""; continue }
    if (match(line[i], /^[^ \t:]+:/)) key = tolower(substr(line[i], 1, RLENGTH - 1))
    of[i] = key
    value = line[i]; if (value !~ /^[ \t]/) sub(/^[^:]*:/, "", value)
    if (key == "enabled" && tolower(value) ~ /^[ \t]*(no|false|without|off|disable|0)[ \t\r]*$/) off = 1
    if (key == "suites") { count = split(value, values, /[ \t\r]+/)
      for (name = 1; name <= count; name++) if (values[name] != "") { if (gone(values[name])) hit = 1; else left = left " " values[name] } }
  }
  if (off) hit = 0
  for (i = 1; i <= size; i++) {
    if (!hit) print line[i]
    else if (left != "" && of[i] == "suites") { if (line[i] !~ /^[ \t]/) print "Suites:" left }
    else if (left == "" && of[i] == "enabled") continue
    else { if (left == "" && of[i] != "" && !said) { print "Enabled: no"; said = 1 } print line[i] }
  }
  said = 0; size = 0
}
stanzas && /^[ \t\r]*$/ { put(); print; next }
stanzas { line[++size] = $0; next }
{
  rest = $0
  if (rest ~ /^[ \t]*deb(-src)?[ \t]/) {
    sub(/^[ \t]*deb(-src)?[ \t]+/, "", rest); sub(/^\[[^]]*\][ \t]+/, "", rest); sub(/^cdrom:\[[^]]*\]/, "cdrom:", rest)
    split(rest, word, /[ \t\r]+/)
    if (gone(word[2])) { print "# Hopscotch: " $0; next }
  }
  print
}
END { if (stanzas) put() }
