#: shellcheck disable=SC2120,SC2119 Other scripts hand options to update.
# include: apt-update.sh
# include: fetch-rest.sh
