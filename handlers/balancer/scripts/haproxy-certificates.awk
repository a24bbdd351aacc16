#: For awk over a haproxy.cfg: prints the path of each certificate that a line binds, serves or shows to servers; those of
#: other places than \`crt-base\` are absolute.
# include: haproxy-words.awk

function at(base, path) { return path ~ /^\// || base == "" ? path : base "/" path }
{ wordsOf($0) }
words == 1 || word[1] ~ /^(global|defaults|frontend|backend|listen|crt-store|peers|ring|log-forward)$/ { if (word[1] ~ /^(global|crt-store)$/) section = word[1]; else if (word[1] ~ /^(defaults|frontend|backend|listen|peers|ring|log-forward)$/) section = "" }
word[1] == "crt-base" && section == "crt-store" { store = word[2]; next }
word[1] == "crt-base" { base = word[2]; next }
word[1] ~ /^(bind|server|server-template|default-server|load)$/ {
  for (i = word[1] ~ /^server/ ? 4 : 2; i < words; i++) {
    if (word[i] != "crt" && word[i] != "crt-list") continue
    name = word[++i]
    if (name ~ /^@/ || (i in isOpen)) continue
    print word[i - 1] "\t" (word[i - 1] == "crt-list" ? name : at(section == "crt-store" && store != "" ? store : base, name)) "\t" base
  }
}
