// Holds no single quotes, so that it reads the same once it is quoted.

/**
 * For awk: splits lines of a haproxy.cfg into `word[1..words]` as HAProxy does (configuration manual, 2.2 "Quoting and
 * escaping"): blanks separate, a backslash escapes, quotes of both kinds join, `#` outside of them begins a comment. A word
 * that takes something from the environment is left with its `$`, and `isOpen[i]` says so.
 */
export const haproxyWordsAwk = `function hex(c) { return index("0123456789abcdef", tolower(c)) - 1 }
function wordsOf(text,  i, c, quote, now, has) {
  words = 0; now = quote = ""; has = 0; split("", isOpen); split("", word)
  for (i = 1; i <= length(text); i++) {
    c = substr(text, i, 1)
    if (quote == "\\047") { if (c == quote) quote = ""; else now = now c; continue }
    if (c == "\\\\" && i < length(text)) {
      c = substr(text, ++i, 1)
      if (quote == "\\"" && c !~ /[\\\\"$]/) { now = now "\\\\" c; has = 1; continue }
      if (c == "n") c = "\\n"; else if (c == "r") c = "\\r"; else if (c == "t") c = "\\t"
      else if (c == "x" && substr(text, i + 1, 2) ~ /^[0-9A-Fa-f][0-9A-Fa-f]$/) { c = sprintf("%c", 16 * hex(substr(text, i + 1, 1)) + hex(substr(text, i + 2, 1))); i += 2 }
      now = now c; has = 1; continue
    }
    if (c == "\\"" ) { quote = quote == c ? "" : c; has = 1; continue }
    if (quote == "" && c == "\\047") { quote = c; has = 1; continue }
    if (quote == "" && c == "#") break
    if (quote == "" && c ~ /[ \\t\\r]/) { if (has) word[++words] = now; now = ""; has = 0; continue }
    if (quote == "\\"" && c == "$") isOpen[words + 1] = 1
    now = now c; has = 1
  }
  if (has) word[++words] = now
}
`;

/**
 * For awk over a haproxy.cfg: prints the path of each certificate that a line binds, serves or shows to servers; those of
 * other places than \`crt-base\` are absolute.
 */
export const haproxyCertificatesAwk = `${haproxyWordsAwk}
function at(base, path) { return path ~ /^\\// || base == "" ? path : base "/" path }
{ wordsOf($0) }
words == 1 || word[1] ~ /^(global|defaults|frontend|backend|listen|crt-store|peers|ring|log-forward)$/ { if (word[1] ~ /^(global|crt-store)$/) section = word[1]; else if (word[1] ~ /^(defaults|frontend|backend|listen|peers|ring|log-forward)$/) section = "" }
word[1] == "crt-base" && section == "crt-store" { store = word[2]; next }
word[1] == "crt-base" { base = word[2]; next }
word[1] ~ /^(bind|server|server-template|default-server|load)$/ {
  for (i = word[1] ~ /^server/ ? 4 : 2; i < words; i++) {
    if (word[i] != "crt" && word[i] != "crt-list") continue
    name = word[++i]
    if (name ~ /^@/ || (i in isOpen)) continue
    print word[i - 1] "\\t" (word[i - 1] == "crt-list" ? name : at(section == "crt-store" && store != "" ? store : base, name)) "\\t" base
  }
}`;
