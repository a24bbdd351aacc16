what=data-migration user=$1 program=$2
# include: program.sh
program_line "$user" "$program"
