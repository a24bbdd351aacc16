for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
  [ -f "$file" ] && [ -r "$file" ] || continue
  stat -L -c "== $file
file %a %u %g
%U
%G" -- "$file" && base64 <"$file"
done