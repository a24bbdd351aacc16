#: Until apt 2.1 a failed fetch is a warning and exit 0; newer ones can be told that it is an error.
# include: apt-update.sh
said=$(update -o APT::Update::Error-Mode=any -o Dir::Etc::SourceList="$1" -o Dir::Etc::SourceParts=-); code=$?
printf "%s\n" "$said"
if [ $code -ne 0 ] || printf "%s\n" "$said" | grep -qE "^(E:|Err[: ]|W: (Failed to fetch|GPG error|An error occurred|Some index files|The repository))"; then
  echo "repository: what $1 names could not be fetched" >&2; exit 1
fi
# include: fetch-rest.sh
