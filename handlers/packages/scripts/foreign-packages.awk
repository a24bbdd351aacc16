#: Reads \`apt-cache policy\`, and says for each package with a foreign version what becomes of it.
function told() {
  if (name != "" && has != "(none)" && !right) print (wanted == "" ? "remove " name : "install " name " " wanted)
}
/^[^ ].*:$/ { told(); name = substr($1, 1, length($1) - 1); has = wanted = ""; right = 0 }
/^  Installed: / { has = $2 }
/^ (\*\*\*|   ) [^ ]/ { version = $1 == "***" ? $2 : $1 }
/^         *-?[0-9]+ / && !/\/var\/lib\/dpkg\/status/ && (none == "" || $0 !~ none) {
  if (wanted == "") wanted = version
  if (version == has) right = 1
}
END { told() }