#!/usr/bin/env bash
# A whole encrypted call between two processes on this machine: installs what is missing, builds, calls, checks what arrived.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

seconds=10 out=demo video=synthetic audio=synthetic media=()

usage() {
  cat <<'TXT'
usage: examples/demo.sh [--seconds N] [--video FILE] [--audio FILE] [--out FOLDER] [--help] [-- OPTION...]
  --seconds N   length of the call (10)
  --video FILE  the host shows this film, in its own size and rate, instead of a made-up picture
  --audio FILE  and plays this sound
  --out FOLDER  where the recordings, stills and reports go (demo)
  -- OPTION...  for both sides, as in "conclave-call host --help": --codec vp9, --bitrate 1.5M
TXT
}

fail() {
  echo "demo.sh: $*" >&2
  exit 1
}

while [ $# -gt 0 ]; do
  case $1 in
    --seconds | --video | --audio | --out)
      [ $# -ge 2 ] || fail "$1 needs a value"
      case $1 in
        --seconds) seconds=$2 ;;
        --video) video=$2 ;;
        --audio) audio=$2 ;;
        --out) out=$2 ;;
      esac
      shift 2
      ;;
    -h | --help) usage; exit 0 ;;
    --) shift; media=("$@"); break ;;
    *) usage >&2; exit 2 ;;
  esac
done
[[ $seconds =~ ^[1-9][0-9]{0,4}$ ]] || fail "--seconds takes a whole number"
for file in "$video" "$audio"; do
  [ "$file" = synthetic ] || [ -r "$file" ] || fail "there is no readable file $file"
done

program=build/release/examples/call/conclave-call
host=""
guest=""

end_children() {
  for child in $guest $host; do
    kill -KILL "$child" 2>/dev/null || true
    wait "$child" 2>/dev/null || true
  done
}
trap end_children EXIT

# ---- build -------------------------------------------------------------------------------------------------------

build() {
  local log=build/demo.log started=$SECONDS
  examples/packages.sh --demo || fail "the packages above are missing"
  mkdir -p build
  : >"$log"
  echo "Building conclave-call (its log: $log)" >&2
  # A folder that is configured already, with tests or without, stays as it is.
  if [ ! -f build/release/build.ninja ] &&
    ! cmake --preset release -DCONCLAVE_TESTS=OFF -DCONCLAVE_BENCH=OFF >>"$log" 2>&1; then
    tail -n 20 "$log" >&2
    fail "cmake failed"
  fi
  if ! cmake --build build/release --target conclave-call >>"$log" 2>&1; then
    tail -n 20 "$log" >&2
    fail "the build failed"
  fi
  echo "Built in $((SECONDS - started)) s" >&2
}

# ---- call --------------------------------------------------------------------------------------------------------

# The film's own size and rate, so that what arrives can be compared with it picture by picture.
match_film() {
  local width height rate
  IFS=, read -r width height rate < <(ffprobe -v error -select_streams v:0 \
    -show_entries stream=width,height,r_frame_rate -of csv=p=0 "file:$video") || fail "$video has no picture"
  media=(--size "${width}x${height}" --fps "$((${rate%/*} / ${rate#*/}))" "${media[@]}")
}

wait_for_link() {
  for _ in $(seq 100); do
    [ ! -s "$out/link" ] || return 0
    kill -0 "$host" 2>/dev/null || return 1
    sleep 0.1
  done
  return 1
}

show_progress() {
  local elapsed=0
  while [ "$elapsed" -lt "$seconds" ] && kill -0 "$guest" 2>/dev/null; do
    sleep 1
    elapsed=$((elapsed + 1))
    printf '\rIn the call: %d of %d s ' "$elapsed" "$seconds" >&2
  done
  echo >&2
}

call() {
  mkdir -p "$out"
  rm -f "$out"/link "$out"/{host,join}.{webm,png,json,txt}
  [ "$video" = synthetic ] || match_film
  (umask 077 && : >"$out/link")  # a link is a secret
  "$program" host --listen 127.0.0.1 --port 0 --admit all --name Ada --video "$video" --audio "$audio" \
    --duration "$seconds" --record "$out/host.webm" --still "$out/host.png" --json "$out/host.json" \
    "${media[@]}" >"$out/link" 2>"$out/host.txt" </dev/null &
  host=$!
  wait_for_link || { cat "$out/host.txt" >&2; fail "the host gives no link"; }
  "$program" join "$(cat "$out/link")" --name Ben --duration "$seconds" \
    --record "$out/join.webm" --still "$out/join.png" --json "$out/join.json" \
    "${media[@]}" 2>"$out/join.txt" </dev/null &
  guest=$!
  show_progress
  wait "$guest" || { cat "$out/join.txt" >&2; fail "the guest ended with exit code $?"; }
  wait "$host" || { cat "$out/host.txt" >&2; fail "the host ended with exit code $?"; }
  host="" guest=""
  rm -f "$out/link"
}

# ---- check -------------------------------------------------------------------------------------------------------

check_recording() {
  local file=$1 probed
  probed=$(ffprobe -v error -count_frames -show_entries stream=codec_name,nb_read_frames -of csv=p=0 "file:$file" 2>&1) ||
    fail "$file does not play: $probed"
  grep -Eq '^vp[89],[1-9]' <<<"$probed" || fail "$file has no picture: $probed"
  grep -Eq '^opus,[1-9]' <<<"$probed" || fail "$file has no sound: $probed"
  echo "$file plays: $(tr '\n' ' ' <<<"$probed")" >&2
}

check_still() {
  [ "$(ffprobe -v error -show_entries stream=codec_name -of csv=p=0 "file:$1" 2>&1)" = png ] || fail "$1 is no picture"
}

check_codes() {
  local codes
  codes=$(sed -n 's/^  "safety_digits": "\(.*\)",$/\1/p' "$out/host.json" "$out/join.json" | sort -u)
  [ -n "$codes" ] && [ "$(wc -l <<<"$codes")" = 1 ] || fail "the two sides have different safety codes"
}

build
call
for side in host join; do
  echo
  sed -n '/^Call with/,$p' "$out/$side.txt"
done
echo
check_codes
for side in host join; do
  check_recording "$out/$side.webm"
  check_still "$out/$side.png"
done
echo "Both sides have the same safety code. See $out/." >&2
