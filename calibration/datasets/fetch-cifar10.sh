#!/bin/sh
# Downloads CIFAR-10 from where cifar10.json says, checks size and MD5, unpacks it.
#
#   calibration/datasets/fetch-cifar10.sh [FOLDER]        (default: cifar10)
#
# FOLDER appears only when everything in it is whole; nothing is fetched when it is there already.
set -eu

fail() {
  echo "fetch-cifar10: $*" >&2
  exit 1
}

manifest=$(dirname "$0")/cifar10.json
folder=${1:-cifar10}

# The value of a top-level key of the manifest.
value() {
  sed -n "s/^  \"$1\": *\"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}\$/\1/p" "$manifest"
}

# "name size" of each file in the manifest.
files() {
  sed -n 's/.*"name": "\([^"]*\)", "split".*"size": \([0-9]*\).*/\1 \2/p' "$manifest"
}

# Names the first file of a folder that is missing or not of its size.
first_wrong() {
  files | while read -r name size; do
    [ "$(stat -c %s "$1/$name" 2>/dev/null)" = "$size" ] || { echo "$name"; break; }
  done
}

if [ -e "$folder" ]; then
  wrong=$(first_wrong "$folder")
  [ -z "$wrong" ] || fail "$folder exists, but $wrong in it is missing or incomplete." \
    "Remove the folder or name another."
  echo "$folder is complete already"
  exit 0
fi

url=$(value url)
mkdir -p "$(dirname "$folder")" || fail "no folder can be made beside $folder"
work=$(mktemp -d "$(dirname "$folder")/.cifar10.XXXXXX") || fail "cannot write beside $folder"
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
archive=$work/archive.tar.gz

if command -v curl >/dev/null; then
  curl -fL --retry 3 --connect-timeout 20 -o "$archive" "$url" ||
    fail "$url could not be fetched. Check the connection; the built-in data set needs none."
elif command -v wget >/dev/null; then
  wget -O "$archive" "$url" ||
    fail "$url could not be fetched. Check the connection; the built-in data set needs none."
else
  fail "neither curl nor wget is installed"
fi

size=$(stat -c %s "$archive")
[ "$size" = "$(value bytes)" ] || fail "$url has $size bytes, expected $(value bytes)"
md5=$(md5sum "$archive" | cut -d ' ' -f 1)
[ "$md5" = "$(value md5)" ] || fail "$url has MD5 $md5, expected $(value md5)"

tar -xzf "$archive" -C "$work" || fail "the archive cannot be unpacked"
wrong=$(first_wrong "$work/$(value folder)")
[ -z "$wrong" ] || fail "$wrong in the archive is missing or of another size"
mv "$work/$(value folder)" "$folder"
echo "$folder is complete"
