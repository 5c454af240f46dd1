#!/usr/bin/env bash
# usage: symbols.sh LIBRARY SYMBOLS    Compares what the shared library exports, with versions, with the list.
# A line that goes breaks programs: it needs a new major version. A line that comes is added here, under a new minor version.
set -euo pipefail
diff -u "$2" <(nm -D --defined-only --with-symbol-versions "$1" | awk '{ print $NF }' | grep -v '^CONCLAVE_' | LC_ALL=C sort)
