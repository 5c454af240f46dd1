#!/usr/bin/env bash
# Installs what is missing, builds everything and runs every test. CI=true makes warnings and missing vectors fatal.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

all_steps=(packages style release e2e asan fuzz bench examples tsan)
further_steps=(dev long)
quick_steps=(packages style release examples)
logs=build/logs
jobs=$(nproc)

usage() {
  cat <<'TXT'
usage: tests/run.sh [--quick] [--only STEP]... [--list] [--help]
  --quick      the release build with its tests, and one call: a few minutes
  --only STEP  that step alone; may be given again
  --list       name the steps and end
Logs are in build/logs, one per step. The first failing step ends the run.
TXT
}

list_steps() {
  cat <<'TXT'
packages  install what is missing (apt-get, with sudo when not root)
style     layering, sizes, forbidden words
release   g++, every target, every test but the whole calls (e2e)
e2e       whole calls: picture quality, impaired network, captured packets; meanwhile asan's and tsan's programs are compiled
asan      clang++ with warnings as errors, AddressSanitizer and UBSan: every target, every test
fuzz      every fuzz target for 30 s
bench     every benchmark, shortly: that they run, not how fast
examples  a whole call through examples/demo.sh
tsan      ThreadSanitizer, the tests of runtime, of the C interface, and others with threads
long      histories of 10,000 operations for the seeds CONCLAVE_SEEDS (default "1 2"), large groups and every size that is too slow for
          each day: about 20 minutes for each seed; not part of a whole run, which has the short form of each
dev       clang++ without sanitizers; not part of a whole run, where asan compiles the same
TXT
}

# ---- steps: each prints into its log, and leaves one line for the summary in $note -------------------------------

# The sanitizers of clang 14 lose their way where the kernel randomises more than 28 bits of addresses.
runner=()
fixed_addresses=()
if setarch "$(uname -m)" --addr-no-randomize true 2>/dev/null; then
  fixed_addresses=(setarch "$(uname -m)" --addr-no-randomize)
fi

build() {  # preset, ninja target, further cmake arguments
  local preset=$1 target=$2
  shift 2
  cmake --preset "$preset" "$@" && "${runner[@]}" cmake --build "build/$preset" --target "$target" -j "$jobs"
}

run_tests() {  # preset, further ctest arguments
  local preset=$1 out
  shift
  out=$logs/$preset.ctest
  # Half of the time of the tests is spent waiting, so that there is room for more of them than cores.
  "${runner[@]}" ctest --test-dir "build/$preset" --output-on-failure --no-tests=error -j $((jobs + (jobs + 1) / 2)) "$@" 2>&1 | tee "$out"
  local status=${PIPESTATUS[0]}
  note="$(sed -n 's/^.* tests failed out of \([0-9]*\).*/\1 tests/p' "$out"), $(grep -c '\*\*\*Skipped' "$out" || true) skipped"
  return "$status"
}

planned() { [[ " ${steps[*]} " == *" $1 "* ]]; }

strictly=()  # and quickly
[ -z "${CI:-}" ] || strictly=(-DCONCLAVE_WERROR=ON -DCONCLAVE_QUICK=ON)

step_packages() { examples/packages.sh --tests; }

step_style() {
  python3 tests/style/check.py && python3 tests/style/check_test.py
  local status=$?
  note=$(python3 tests/style/check.py --quiet | tail -n 1)
  return $status
}

step_release() {  # the check of style has a step of its own
  build release all "${strictly[@]}" -DCONCLAVE_TESTS=ON || return 1
  if planned style; then run_tests release -LE 'e2e|house'; else run_tests release -LE e2e; fi
}
step_dev() { build dev all && run_tests dev -L unit; }
build_asan() { local runner=("$@" "${fixed_addresses[@]}"); build fuzz all; }
step_asan() {  # the build of the fuzz targets, so that it is made once
  local runner=("${fixed_addresses[@]}")
  export LSAN_OPTIONS=suppressions=$PWD/tests/support/leaks.supp:print_suppressions=0
  # Left out: minutes of calls in virtual time, every part of which shorter ones run as well, and what only measures growth.
  local long='behind 300 kbit/s who speaks|behind a narrow uplink|hardly room for sound|three speakers on a stage|who is offline for longer than statements'
  long+='|a thousand listen to three|costs no quadratic time|and not with their product'
  build_asan && run_tests fuzz -LE 'e2e|house|call' -E "$long"
}
build_tsan() {
  local runner=("$@" "${fixed_addresses[@]}") program
  for program in runtime abi threaded; do build tsan ${program}_tests || return 1; done
}
step_tsan() {
  local runner=("${fixed_addresses[@]}")
  export TSAN_OPTIONS=report_thread_leaks=0  # a second ctrl-C ends the program without waiting for its threads
  build_tsan && run_tests tsan -R '^(runtime|abi|threaded): ' -LE e2e
}
step_fuzz() {
  build fuzz all && "${fixed_addresses[@]}" tests/fuzz/run.sh "${CONCLAVE_FUZZ_SECONDS:-30}" | tee "$logs/fuzz.out" || return 1
  note=$(tail -n 1 "$logs/fuzz.out")
}

step_bench() {
  build release conclave_bench "${strictly[@]}" || return 1
  build/release/tests/bench/conclave_bench --benchmark_min_time=0.01 | tee "$logs/bench.out" || return 1
  note="$(grep -c '^[a-z_]*/.* ns ' "$logs/bench.out" || true) cases"
}

step_long() {  # one seed after the other; a history that fails says its seed and its operation
  local program=build/release/tests/mls/mls_tests seed
  build release mls_tests -DCONCLAVE_TESTS=ON || return 1
  CONCLAVE_LONG=1 "$program" '~ten thousand*' || return 1
  for seed in ${CONCLAVE_SEEDS:-1 2}; do
    CONCLAVE_LONG=1 CONCLAVE_SEED=$seed "$program" 'ten thousand*' || return 1
  done
  note="histories of the seeds ${CONCLAVE_SEEDS:-1 2}"
}

step_examples() { examples/demo.sh; }
step_e2e() {  # calls wait for most of their time: behind the films, where nobody else wants the processor, what later steps run is compiled
  build release all "${strictly[@]}" -DCONCLAVE_TESTS=ON || return 1
  (
    sleep 95
    if planned tsan; then build_tsan chrt --idle 0; fi
    if planned asan; then build_asan chrt --idle 0; fi
  ) >"$logs/ahead.log" 2>&1 &
  run_tests release -L e2e -j 1
  local status=$? calls=$SECONDS
  wait
  note+=", $((SECONDS - calls)) s of compiling for later steps"
  return $status
}

# ---- the run -----------------------------------------------------------------------------------------------------

steps=()
while [ $# -gt 0 ]; do
  case $1 in
    --quick) steps=("${quick_steps[@]}") ;;
    --only)
      [[ " ${all_steps[*]} ${further_steps[*]} " == *" ${2:-} "* ]] || { echo "run.sh: no step '${2:-}'; see --list" >&2; exit 2; }
      steps+=("$2")
      shift
      ;;
    --list) list_steps; exit 0 ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
  shift
done
[ ${#steps[@]} -gt 0 ] || steps=("${all_steps[@]}")

mkdir -p "$logs"
summary=() failed=""
begin=$SECONDS
clock() { printf '%d:%02d' $(($1 / 60)) $(($1 % 60)); }

for step in "${steps[@]}"; do
  [ ! -t 1 ] || printf '%-9s ... ' "$step"
  step_begin=$SECONDS
  # In a child, so that a step can neither change this shell nor end it; the last line of .note is for the summary.
  if (set +e; note=""; "step_$step"; status=$?; echo "$note" >"$logs/$step.note"; exit $status) >"$logs/$step.log" 2>&1; then
    result=ok
  else
    result=FAILED failed=$step
  fi
  line=$(printf '%-9s %-6s %6s  %s' "$step" "$result" "$(clock $((SECONDS - step_begin)))" "$(cat "$logs/$step.note" 2>/dev/null)")
  summary+=("$line")
  [ ! -t 1 ] || printf '\r'
  echo "$line"
  [ -z "$failed" ] || break
done

failed_tests() {  # what each failed case of a ctest log printed
  awk '/ Test +#[0-9]+: / { shown = /\*\*\*(Failed|Timeout|Exception|Not Run)/ } /^ +Start +[0-9]+: / { shown = 0 } shown' "$1" | head -n 150
}
if [ -n "$failed" ]; then
  printf '\nthe last lines of %s/%s.log:\n' "$logs" "$failed"
  tail -n 40 "$logs/$failed.log"
  if grep -q 'The following tests FAILED' "$logs/$failed.log"; then
    printf '\nwhat the failed cases printed:\n'
    failed_tests "$logs/$failed.log"
  fi
fi
printf '\n%s\n' "step      result   time"
printf '%s\n' "${summary[@]}"
if [ -n "$failed" ]; then
  echo "step '$failed' failed after $(clock $((SECONDS - begin)))"
  exit 1
fi
echo "all is well, in $(clock $((SECONDS - begin)))"
