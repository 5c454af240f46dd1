#!/usr/bin/env bash
# Runs two commands in two network namespaces of their own, joined by nothing but the impairer. Nothing is left behind: all
# namespaces (network, mount, process) belong to this script and vanish with it.
set -euo pipefail

usage() {
  cat <<'TXT'
usage: netns.sh [--impairer PROGRAM] [--seconds N] [--json FILE] [IMPAIRER OPTION VALUE]... -- COMMAND_A COMMAND_B
  --impairer  the impairer program (default: build/release/tests/impairer/impairer)
  --seconds   end after so long, at the latest (default 120)
  --json      where the impairer's counters go (default: stderr)
  others      go to the impairer: --both delay=75,loss=1  --there ..  --back ..  --at 10:loss=5  --seed 7
The commands run under bash with $A and $B, their addresses. Exit status: that of the first command that fails; 77 where
namespaces or /dev/net/tun are not permitted.
TXT
}

self=$(readlink -f "$0")
impairer=$(dirname "$self")/../../build/release/tests/impairer/impairer
seconds=120 json=/dev/stderr options=()
all=("$@")
while [ $# -gt 0 ] && [ "$1" != -- ]; do
  case $1 in
    -h | --help) usage; exit 0 ;;
    --impairer) impairer=$2 ;;
    --seconds) seconds=$2 ;;
    --json) json=$2 ;;
    *) options+=("$1" "${2:?a value for $1}") ;;
  esac
  shift 2
done
[ $# -eq 3 ] || { usage >&2; exit 2; }
command_a=$2 command_b=$3
[ -x "$impairer" ] || { echo "netns.sh: no impairer at $impairer" >&2; exit 2; }

if [ "${CONCLAVE_NETNS:-}" != inside ]; then
  enter=(unshare --mount --net --pid --fork --kill-child --mount-proc)
  [ "$(id -u)" = 0 ] || enter+=(--user --map-root-user)
  if ! [ -c /dev/net/tun ] || ! "${enter[@]}" true 2>/dev/null; then
    echo "SKIPPED: namespaces or /dev/net/tun are not permitted here" >&2
    exit 77
  fi
  CONCLAVE_NETNS=inside exec timeout --kill-after=5 "$((seconds + 10))" "${enter[@]}" "$self" "${all[@]}"
fi

mount -t tmpfs tmpfs /run
mkdir /run/netns
export A=10.86.0.1 B=10.86.0.2
ip netns add a
ip netns add b
counters=$(mktemp -p /run)
"$impairer" a b --seconds "$seconds" "${options[@]}" >"$counters" &
impairer_pid=$!
for _ in $(seq 100); do
  ip -n b link show tun0 >/dev/null 2>&1 && break
  kill -0 $impairer_pid 2>/dev/null || { echo "SKIPPED: the impairer cannot make its devices here" >&2; exit 77; }
  sleep 0.05
done
for side in a b; do
  ip -n $side link set lo up
  ip -n $side link set tun0 addrgenmode none mtu 1500 up
done
ip -n a address add $A peer $B dev tun0
ip -n b address add $B peer $A dev tun0

ip netns exec a timeout "$seconds" bash -c "$command_a" &
pid_a=$!
ip netns exec b timeout "$seconds" bash -c "$command_b" &
pid_b=$!
status=0
wait $pid_b || status=$?
wait $pid_a || { first=$?; [ $status != 0 ] || status=$first; }
kill -TERM $impairer_pid
wait $impairer_pid || true
cat "$counters" >>"$json"
exit $status
