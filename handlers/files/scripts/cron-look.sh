command -v crontab >/dev/null || { echo missing; exit 0; }
if said=$(LC_ALL=C crontab -u "$1" -l 2>&1); then
  echo crontab; crontab -u "$1" -l | base64
else
  echo "none $said"
fi