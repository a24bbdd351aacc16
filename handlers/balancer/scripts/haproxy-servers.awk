#: For awk over a haproxy.cfg: prints `server`, backend, name, address, port and `ssl` or `plain` of each server, by tabs. What
#: takes its address from the environment or a socket is left out.
# include: haproxy-words.awk

function secured(from,  i, is) {
  is = "-"
  for (i = from; i <= words; i++) { if (word[i] == "ssl") is = "ssl"; if (word[i] == "no-ssl") is = "plain" }
  return is
}
{ wordsOf($0) }
word[1] ~ /^(global|defaults|frontend|backend|listen|crt-store|peers|ring|log-forward|resolvers|userlist|mailers|cache|program|fcgi-app|http-errors)$/ {
  section = word[1]; name = word[2]
  if (section == "defaults") all = "-"
  usual = all
}
word[1] == "default-server" { is = secured(2); if (is != "-") { usual = is; if (section == "defaults") all = is } }
word[1] == "server" && (section == "backend" || section == "listen") && !(3 in isOpen) {
  at = word[3]; sub(/^ipv[46]@/, "", at)
  if (at ~ /@/ || at ~ /^\// || !match(at, /:[0-9]+$/)) next
  port = substr(at, RSTART + 1); at = substr(at, 1, RSTART - 1)
  is = secured(4); if (is == "-") is = usual == "" || usual == "-" ? "plain" : usual
  print "server\t" name "\t" word[2] "\t" at "\t" port "\t" is
}
