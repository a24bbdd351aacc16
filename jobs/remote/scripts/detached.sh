#: shellcheck disable=SC2086 Numbers, and lists of our own words.
#: shellcheck disable=SC2154 What it is a part of assigns these.
# Runs once: sh script DIRECTORY MARK UMASK
d=$1 m=$2 u=$3
# By it the commands are found where nothing else is left of all this.
export HOPSCOTCH_STEP="$d/"
umask 077
stopped= guard= over=-
__GUARD__
trap 'stopped=yes' TERM INT HUP
read -r stat </proc/$$/stat && read -r boot </proc/sys/kernel/random/boot_id || exit 1
stat=${stat##*') '}
set -- $stat
me="$$ ${20} $boot" began=$(date -u +%Y-%m-%dT%H:%M:%SZ) at=0 code=0
forget() { [ -z "$guard" ] || kill $guard; rm -rf "$d/exit.$m" "$d/at.$m" "$d/pid.$m" "$d/in.$m"; }
{ printf '%-511s\n' '' >"$d/exit.$m" && printf '%-15s\n' 0 >"$d/at.$m" && printf '%s\n' "$me" >"$d/pid.$m"; } || {
  forget
  exit 1
}
__JOIN_SCOPE__
said=$(ln -s "run $me $began $scoped" "$d/begun" 2>&1) || {
  forget
  [ -h "$d/begun" ] && exit 0
  echo "$said"
  exit 1
}
mv -f "$d/at.$m" "$d/at"
mv -f "$d/pid.$m" "$d/pid"
echo begun
exec >>"$d/out" 2>&1
__FULL_DISKS__
__FINISH__
__RUN__
all() {
__COMMANDS__
  finish $code
}
all
