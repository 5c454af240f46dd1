#!/usr/bin/env bash
# Runs every fuzz target for a while, some at a time, and fails when one of them finds something.
# usage: tests/fuzz/run.sh [SECONDS [NAME...]]     (30 s, all; corpora grow in build/fuzz/corpus)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

seconds=${1:-30}
shift || true
programs=build/fuzz/tests/fuzz
results=build/fuzz/results
export seconds programs results
mkdir -p "$results"

fuzz_one() {
  local name=$1 corpus=build/fuzz/corpus/$1 log=$results/$1.log
  local seeds=()
  mkdir -p "$corpus" "$results/$name"
  [ ! -d "tests/fuzz/corpus/$name" ] || seeds=("tests/fuzz/corpus/$name")
  if "$programs/fuzz_$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="$results/$name/" "$corpus" "${seeds[@]}" >"$log" 2>&1; then
    printf '%-28s ok    %10s runs  cov %s\n' "$name" "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" \
      "$(grep -o 'cov: [0-9]*' "$log" | tail -n 1 | cut -d' ' -f2)"
  else
    printf '%-28s FOUND SOMETHING: %s\n' "$name" "$(find "$results/$name" -type f | tr '\n' ' ')"
    tail -n 30 "$log"
    return 1
  fi
}
export -f fuzz_one

names=("$@")
if [ ${#names[@]} -eq 0 ]; then
  mapfile -t names < <(find "$programs" -maxdepth 1 -name 'fuzz_*' -type f -executable -printf '%f\n' | sed 's/^fuzz_//' | sort)
fi
[ ${#names[@]} -gt 0 ] || { echo "no fuzz targets are built in $programs" >&2; exit 1; }
printf '%s\n' "${names[@]}" | xargs -P "$(($(nproc) * 2))" -I{} bash -c 'fuzz_one {}'
echo "${#names[@]} targets, $seconds s each"
