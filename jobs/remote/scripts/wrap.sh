{
say() { printf '\n%s %s\n' __MARK__ "$*" >&2; }
printf '\n%s\n' __MARK__
say hello
__SCRIPT__
exit 0
}
