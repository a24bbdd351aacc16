if [ -L "$1" ]; then echo symlink
elif [ -f "$1" ]; then
  size=$(stat -c %s -- "$1") || exit
  if [ ! -r "$1" ]; then echo unreadable
  elif [ "$size" -gt "$2" ]; then echo "large $size"
  else
    stat -c "file %a %u %g
%U
%G" -- "$1" && base64 <"$1"
  fi
elif [ -e "$1" ]; then stat -c "other %F" -- "$1"
elif [ -d "${1%/*}/" ] && [ ! -x "${1%/*}/" ]; then echo unreadable
else echo absent
fi