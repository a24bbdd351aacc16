#: shellcheck disable=SC2086 numbers
what=package
PATH=$PATH:/usr/sbin:/sbin LC_ALL=C
NEEDRESTART_SUSPEND=1 APT_LISTCHANGES_FRONTEND=none
export PATH LC_ALL NEEDRESTART_SUSPEND APT_LISTCHANGES_FRONTEND
# include: policy.sh
# include: door.sh
packages() { dpkg-query --show --showformat="\${db:Status-Abbrev} \${binary:Package} \${Version}\n" | awk "/^.[^cn]/ { print \"$1\", \$(NF - 1), \$NF }"; }
names=
while [ "$1" != -- ]; do names="$names${names:+|}$1|$1.*"; shift; done
shift
open=$(doors) was=$(packages was)
finish() {
  code=$?
  trap - EXIT HUP INT TERM
  end_hold
  { echo "$was"; packages is; } | awk "
    \$1 == \"was\" { was[\$2] = \$3 }
    \$1 == \"is\" { if (!(\$2 in was)) added++; else if (was[\$2] != \$3) changed++; delete was[\$2] }
    END { for (name in was) removed++; printf \"packages: %d in another version, %d new, %d removed\\n\", changed, added, removed }"
  open_doors || code=1
  exit $code
}
trap finish EXIT
trap "exit 143" HUP INT TERM
end_hold
if [ -n "$names" ]; then
  [ ! -e "$policy" ] || mv -f -- "$policy" "$own" || exit
  cat >"$policy.hopscotch-new" <<END && chmod 755 "$policy.hopscotch-new" && mv -f -- "$policy.hopscotch-new" "$policy" || exit
#!/bin/sh
# Hopscotch: here while it runs apt, so that nothing starts these services.
id=\$1
[ "\$id" != --quiet ] || id=\$2
case \$id in $names) exit 101 ;; esac
[ ! -x $own ] || exec $own "\$@"
exit 0
END
fi
"$@"
exit