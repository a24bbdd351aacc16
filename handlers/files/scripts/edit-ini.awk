#: For awk in the locale C: `part=1 -` reads the edits, `part=2 FILE` the text; prints the text as `editIni` answers it.
function trimEnd(s) { sub(/[ \t\r\f\v]+$/, "", s); return s }
function trim(s) { sub(/^[ \t\r\f\v]+/, "", s); return trimEnd(s) }
function key(s) { return s == "DEFAULT" ? s : tolower(s) }
function put(s) { out[++outs] = s }
function putMissing(c) { while (met < many[c]) put(trimEnd(name[c] " = " want[c, ++met])) }
function classify(  i, head, of) {
  of = "DEFAULT"; head = 0
  for (i = 1; i <= size; i++) {
    if (head && line[i] ~ /^[ \t]/ && trim(line[i]) != "") { kind[i] = "more"; owner[i] = head; continue }
    head = 0; kind[i] = "other"
    if (trimEnd(line[i]) ~ /^\[.+\]$/) { of = trimEnd(line[i]); of = substr(of, 2, length(of) - 2); kind[i] = "header" }
    else if (trim(line[i]) != "" && line[i] !~ /^[#;]/) { kind[i] = "option"; head = i }
    section[i] = of
  }
}
function isOf(i, c) {
  if (kind[i] != "option" || key(section[i]) != key(inside[c])) return 0
  match(line[i], /^[^=:]*/)
  return trim(substr(line[i], 1, RLENGTH)) == name[c]
}
function withValue(i, wanted,  start, mark, rest, value) {
  match(line[i], /^[^=:]*/)
  start = substr(line[i], 1, RLENGTH); mark = substr(line[i], RLENGTH + 1, 1); rest = substr(line[i], RLENGTH + 2)
  match(rest, /^[ \t\r\f\v]*/)
  value = substr(rest, RLENGTH + 1)
  if (kind[i + 1] != "more" && mark != "" && trim(value) == wanted) return line[i]
  if (value != "") rest = substr(rest, 1, RLENGTH)
  else rest = substr(start, length(trimEnd(start)) + 1)
  return trimEnd(start (mark == "" ? "=" : mark) rest wanted)
}
function change(c,  i, place, start, done) {
  split("", kind); classify()
  place = start = done = 0
  for (i = 1; i <= size; i++) if (isOf(i, c)) place = i
  if (!place) for (i = 1; i <= size; i++) {
    if (kind[i] == "header" && start && !done) done = 1
    if (kind[i] == "header" && !start && key(section[i]) == key(inside[c])) start = place = i
    if (start && !done && kind[i] == "option") place = i
  }
  while (kind[place + 1] == "more") place++
  outs = met = 0
  for (i = 1; i <= size; i++) {
    if (isOf(i, c)) { if (++met <= many[c]) put(withValue(i, want[c, met])) }
    else if (kind[i] != "more" || !isOf(owner[i], c)) put(line[i])
    if (i == place) putMissing(c)
  }
  if (met < many[c]) {
    if (outs && trim(out[outs]) != "") put("")
    put("[" inside[c] "]")
    putMissing(c)
  }
  size = outs
  for (i = 1; i <= size; i++) line[i] = out[i]
}
part == 1 && /^\[/ { at = index($0, "] "); inside[++changes] = substr($0, 2, at - 2); name[changes] = substr($0, at + 2); many[changes] = 0; next }
part == 1 { want[changes, ++many[changes]] = trim(substr($0, 2)); next }
{ line[++size] = $0 }
END {
  for (c = 1; c <= changes; c++) change(c)
  for (i = 1; i <= size; i++) print line[i]
}
