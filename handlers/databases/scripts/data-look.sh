what=data-migration login=$1 database=$2 query=$3 user=$4 program=$5
# include: sql.sh
# include: program.sh
# include: count.sh
program_line "$user" "$program"
count_line "$database" "$query"
