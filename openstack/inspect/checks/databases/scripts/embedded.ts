// Made by `npm run embed` from the files beside it: change those.

export const databaseLoginShell = "[ -r \"$1\" ] || exit 0\nif grep -Eq \"^[[:space:]]*(skip[-_]ssl|disable[-_]ssl|ssl[-_]verify[-_]server[-_]cert[[:space:]]*=[[:space:]]*(0|off|OFF)|ssl[[:space:]]*=[[:space:]]*0)\" \"$1\"; then\n  printf \"option-file\\t%s\\tyes\\n\" \"$1\"\nelse\n  printf \"option-file\\t%s\\tno\\n\" \"$1\"\nfi";
