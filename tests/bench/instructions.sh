#!/usr/bin/env bash
# Counts the instructions of a sealed and of an opened frame under callgrind, libraries included, and prints them as a table.
# (valgrind shows the programs a CPU without AVX-512, so the ciphers take their AVX2 paths.)
# usage: tests/bench/instructions.sh [PROGRAM]
set -euo pipefail
program=${1:-build/release/tests/bench/conclave_bench}
frames_of() { local batch=$((200000 / $1)); echo $((100 * (batch > 500 ? 500 : batch < 4 ? 4 : batch))); }

count() {  # VERB FUNCTION SUITE SIZE
  local total
  total=$(valgrind --tool=callgrind --callgrind-out-file=/dev/null --toggle-collect="$2*" "$program" \
    --benchmark_filter="^sframe/$1/$3/$4/" 2>&1 | sed -n 's/.*Collected : *//p')
  echo $((total / $(frames_of "$4")))
}

echo "| suite | bytes | seal | open |"
echo "|---|---|---|---|"
for suite in aes128gcm aes256gcm chacha20 ctr80 ctr64 ctr32; do
  for size in 80 1200 50000; do
    echo "| $suite | $size | $(count seal conclave::sframe::Sealer::seal $suite $size) | $(count open conclave::sframe::Opener::open\( $suite $size) |"
  done
done
