#: shellcheck disable=SC2043 A list stands there when it runs.

  for tool in __TOOLS__; do
    command -v $tool >/dev/null || fail "$tool is missing"
  done
  tail --pid=$$ -c 0 /dev/null 2>/dev/null || fail 'its tail knows no --pid (that of GNU coreutils does)'
