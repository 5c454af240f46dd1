#!/usr/bin/env bash
# usage: build.sh [OUTPUT]    Compiles the addon: with the headers of Debian's libnode-dev or of another node, against libconclave of pkg-config
# or of the folders in CONCLAVE_INCLUDE and CONCLAVE_LIB. Downloads nothing.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
output=${1:-$here/conclave.node}
include=${CONCLAVE_INCLUDE:-$(pkg-config --variable=includedir conclave)}
library=${CONCLAVE_LIB:-$(pkg-config --variable=libdir conclave)}
node=$(for folder in /usr/include/node /usr/include/nodejs/src "$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")/include/node"; do
  [ ! -f "$folder/node_api.h" ] || { echo "$folder"; break; }
done)
[ -n "$node" ] || { echo "build.sh: no node_api.h; on Debian: apt-get install libnode-dev" >&2; exit 1; }
"${CXX:-g++}" -std=c++20 -O2 -Wall -Wextra -shared -fPIC -fvisibility=hidden -DNAPI_VERSION=8 -I"$include" -isystem "$node" "$here"/src/*.cpp \
  -o "$output" -L"$library" -lconclave -Wl,-rpath,"$library"
