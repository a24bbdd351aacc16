#: Run by bash.
#: shellcheck disable=SC2295 a carriage return
exec 3<>"/dev/tcp/$1/$2" || exit 1
printf "version\r\nquit\r\n" >&3
IFS= read -r answer <&3
printf "%s\n" "${answer%$(printf "\r")}"
case $answer in VERSION*) ;; *) exit 1 ;; esac