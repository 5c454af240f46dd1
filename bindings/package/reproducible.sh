#!/usr/bin/env bash
# Builds twice, from two folders and without ccache, and compares the bytes of libraries, programs and packages.
# usage: bindings/package/reproducible.sh [--part] [FOLDER]    --part: two small libraries and the bill of materials alone, for CI; the
# whole is long. FOLDER is kept where it is named.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
part=no
[ "${1:-}" != --part ] || { part=yes; shift; }
folder=${1:-}
if [ -z "$folder" ]; then
  folder=$(mktemp -d /var/tmp/conclave-twice.XXXXXX)
  trap 'rm -rf "$folder"' EXIT
fi
SOURCE_DATE_EPOCH=$(git -C "$root" log -1 --format=%ct)
export SOURCE_DATE_EPOCH CCACHE_DISABLE=1

for copy in first second-with-a-longer-name; do
  rm -rf "${folder:?}/$copy"
  git clone --quiet --no-local "$root" "$folder/$copy"
  cmake -S "$folder/$copy" -B "$folder/$copy/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCONCLAVE_TESTS=OFF >/dev/null
  if [ $part = yes ]; then
    cmake --build "$folder/$copy/build" --target conclave_base conclave_wire | tail -n 1
    "$folder/$copy/bindings/package/sbom.py" --version 0.1.0 --output "$folder/$copy/build/conclave.cdx.json"
  else
    cmake --build "$folder/$copy/build" | tail -n 1
    (cd "$folder/$copy/build" && cpack -G DEB -B "$folder/$copy.packages" >/dev/null)
  fi
done

different=0
compare() {
  if cmp -s "$1" "$2"; then
    echo "same      ${1#"$folder"/first}"
  else
    echo "DIFFERENT ${1#"$folder"/first}"
    different=1
  fi
}
paths=(bindings/c/libconclave.so.1.0 bindings/package/libconclave.a examples/call/conclave-call)
[ $part = no ] || paths=(src/base/libconclave_base.a src/wire/libconclave_wire.a conclave.cdx.json)
for path in "${paths[@]}"; do
  [ -s "$folder/first/build/$path" ] || { echo "no $path"; exit 1; }
  compare "$folder/first/build/$path" "$folder/second-with-a-longer-name/build/$path"
done
[ $part = yes ] || for package in "$folder"/first.packages/*.deb; do
  compare "$package" "$folder/second-with-a-longer-name.packages/$(basename "$package")"
done
exit $different
