#!/usr/bin/env bash
# Builds twice, from two folders and without ccache, and compares the bytes of libraries, programs and packages. Long: not part of CI.
# usage: bindings/package/reproducible.sh [FOLDER]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
folder=${1:-$(mktemp -d /var/tmp/conclave-twice.XXXXXX)}
SOURCE_DATE_EPOCH=$(git -C "$root" log -1 --format=%ct)
export SOURCE_DATE_EPOCH CCACHE_DISABLE=1

for copy in first second-with-a-longer-name; do
  rm -rf "${folder:?}/$copy"
  git clone --quiet --no-local "$root" "$folder/$copy"
  cmake -S "$folder/$copy" -B "$folder/$copy/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCONCLAVE_TESTS=OFF >/dev/null
  cmake --build "$folder/$copy/build" | tail -n 1
  (cd "$folder/$copy/build" && cpack -G DEB -B "$folder/$copy.packages" >/dev/null)
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
for path in bindings/c/libconclave.so.1.0 bindings/package/libconclave.a examples/call/conclave-call; do
  compare "$folder/first/build/$path" "$folder/second-with-a-longer-name/build/$path"
done
for package in "$folder"/first.packages/*.deb; do
  compare "$package" "$folder/second-with-a-longer-name.packages/$(basename "$package")"
done
exit $different
