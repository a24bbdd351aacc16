#!/bin/sh
# a2ensite, a2dissite, a2enconf and a2disconf: a link for each site or piece of configuration that Apache reads.
case ${0##*/} in
  a2ensite) verb=en kind=Site dir=sites ;;
  a2dissite) verb=dis kind=Site dir=sites ;;
  a2enconf) verb=en kind=Conf dir=conf ;;
  a2disconf) verb=dis kind=Conf dir=conf ;;
esac
for name; do
  name=${name%.conf}
  link=/etc/apache2/$dir-enabled/$name.conf
  if [ "$verb" = en ]; then
    [ -e "/etc/apache2/$dir-available/$name.conf" ] || { echo "ERROR: $kind $name does not exist!" >&2; exit 1; }
    if [ -e "$link" ]; then echo "$kind $name already enabled"; continue; fi
    ln -sf "../$dir-available/$name.conf" "$link"
    echo "Enabling $kind $name."
  else
    if [ ! -L "$link" ]; then echo "$kind $name already disabled"; continue; fi
    rm -f "$link"
    echo "$kind $name disabled."
  fi
  echo "To activate the new configuration, you need to run:"
  echo "  service apache2 reload"
done
