case $(dpkg-query --show --showformat="\${db:Status-Abbrev}" "$1" 2>/dev/null) in ?i*) exit 0 ;; esac
shift; exec "$@"