#!/usr/bin/env bash
# usage: run.sh BUILD install|deb     Builds and runs the consumer project against what BUILD installs, or against its packages.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(readlink -f "$1") kind=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

if [ "$kind" = deb ]; then
  (cd "$folder" && cpack -G DEB --config "$build/CPackConfig.cmake" -B "$folder/cpack" >cpack.log 2>&1) || { cat "$folder/cpack.log"; exit 1; }
  for package in libconclave1 libconclave-dev conclave-tools; do
    ls "$folder"/cpack/"$package"_*.deb >/dev/null || { echo "no package $package"; exit 1; }
  done
  for package in "$folder"/cpack/*.deb; do dpkg-deb -x "$package" "$folder/root"; done
  dpkg-deb -f "$folder"/cpack/libconclave1_*.deb Depends | grep -q libsodium23 || { echo "libconclave1 does not depend on libsodium23"; exit 1; }
  "$folder/root/usr/bin/conclave-call" --version
  prefix=$folder/root/usr
else
  cmake --install "$build" --prefix "$folder/prefix" >/dev/null
  prefix=$folder/prefix
fi
library=$(dirname "$(find "$prefix" -name libconclave.so.1)")
export LD_LIBRARY_PATH=$library

echo "== the bill of materials"
python3 - "$(find "$prefix" -name conclave.cdx.json)" <<'PY'
import json, sys
bill = json.load(open(sys.argv[1]))
names = {part["name"]: part["version"] for part in bill["components"]}
assert bill["bomFormat"] == "CycloneDX" and bill["specVersion"] == "1.5", bill["bomFormat"]
assert {"libsodium-dev", "libssl-dev", "libopus-dev", "libvpx-dev"} <= names.keys() and "unknown" not in names.values(), names
known = {part["bom-ref"] for part in bill["components"]}
assert bill["dependencies"][0]["dependsOn"] and set(bill["dependencies"][0]["dependsOn"]) <= known
PY

echo "== each part of the header alone"
for part in "$prefix"/include/conclave.h "$prefix"/include/conclave/c/*.h; do
  cc -std=c99 -Wall -Wextra -Wpedantic -Werror -I"$prefix/include" -fsyntax-only -x c "$part"
done

echo "== find_package"
cmake -S "$here" -B "$folder/build" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_BUILD_TYPE=Debug >/dev/null
cmake --build "$folder/build" >"$folder/log" || { tail -n 30 "$folder/log"; exit 1; }
"$folder/build/consumer_c" && "$folder/build/consumer_cpp"

echo "== pkg-config"
export PKG_CONFIG_PATH=$library/pkgconfig
read -ra c_flags < <(pkg-config --cflags --libs conclave)
read -ra cpp_flags < <(pkg-config --cflags --libs conclave-static)
cc -std=c99 "$here/consumer.c" -o "$folder/c" "${c_flags[@]}"
"$folder/c"
if [ "$kind" = install ]; then  # once is enough: it takes seconds
  c++ -std=c++20 "$here/consumer.cpp" -o "$folder/cpp" "${cpp_flags[@]}"
  "$folder/cpp"
fi
