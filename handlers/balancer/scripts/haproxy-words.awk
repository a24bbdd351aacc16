#: For awk: splits lines of a haproxy.cfg into `word[1..words]` as HAProxy does (configuration manual, 2.2 "Quoting and
#: escaping"): blanks separate, a backslash escapes, quotes of both kinds join, `#` outside of them begins a comment. A word
#: that takes something from the environment is left with its `$`, and `isOpen[i]` says so.
function hex(c) { return index("0123456789abcdef", tolower(c)) - 1 }
function wordsOf(text,  i, c, quote, now, has) {
  words = 0; now = quote = ""; has = 0; split("", isOpen); split("", word)
  for (i = 1; i <= length(text); i++) {
    c = substr(text, i, 1)
    if (quote == "\047") { if (c == quote) quote = ""; else now = now c; continue }
    if (c == "\\" && i < length(text)) {
      c = substr(text, ++i, 1)
      if (quote == "\"" && c !~ /[\\"$]/) { now = now "\\" c; has = 1; continue }
      if (c == "n") c = "\n"; else if (c == "r") c = "\r"; else if (c == "t") c = "\t"
      else if (c == "x" && substr(text, i + 1, 2) ~ /^[0-9A-Fa-f][0-9A-Fa-f]$/) { c = sprintf("%c", 16 * hex(substr(text, i + 1, 1)) + hex(substr(text, i + 2, 1))); i += 2 }
      now = now c; has = 1; continue
    }
    if (c == "\"" ) { quote = quote == c ? "" : c; has = 1; continue }
    if (quote == "" && c == "\047") { quote = c; has = 1; continue }
    if (quote == "" && c == "#") break
    if (quote == "" && c ~ /[ \t\r]/) { if (has) word[++words] = now; now = ""; has = 0; continue }
    if (quote == "\"" && c == "$") isOpen[words + 1] = 1
    now = now c; has = 1
  }
  if (has) word[++words] = now
}
