#!/bin/sh
# crontab [-u USER] -l | -r | FILE | -
user=$(id -un)
if [ "$1" = -u ]; then user=$2; shift 2; fi
case $1 in -u*) user=${1#-u}; shift ;; esac
if [ "$2" = -u ]; then user=$3; fi
id -u "$user" >/dev/null 2>&1 || { echo "crontab:  user \`$user' unknown" >&2; exit 1; }
file=/var/spool/cron/crontabs/$user
case $1 in
  -l) [ -f "$file" ] || { echo "no crontab for $user" >&2; exit 1; }; cat "$file" ;;
  -r) [ -f "$file" ] || { echo "no crontab for $user" >&2; exit 1; }; rm -f "$file" ;;
  -e) echo "crontab: -e needs a terminal" >&2; exit 1 ;;
  -|'') cat >"$file.new" && mv -f "$file.new" "$file" && chmod 600 "$file" ;;
  *) cat "$1" >"$file.new" && mv -f "$file.new" "$file" && chmod 600 "$file" ;;
esac
