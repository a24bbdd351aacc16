#: shellcheck disable=SC2120,SC2119 Other scripts name a database to sql_in.
what=database-backup login=$1
# include: sql.sh
sql_in
