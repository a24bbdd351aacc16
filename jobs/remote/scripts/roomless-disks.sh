#: shellcheck disable=SC2154 What it is a part of assigns these.
full_disks() {
  df -Pk "$d" / /var /tmp 2>/dev/null | {
    read -r heading
    while read -r device blocks used free share place; do
      [ "$free" != 0 ] || [ "$blocks" = 0 ] || case ",$all" in *",$place,"*) ;; *) all=$all$place, ;; esac
    done
    echo "${all%,}"
  } | cut -c 1-400
}