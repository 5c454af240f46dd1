#!/usr/bin/env bash
# What ping measures through the impairer is what was asked of it.
# usage: ping_test.sh IMPAIRER
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

through() {  # options of the impairer; ping's options
  "$here/netns.sh" --impairer "$impairer" --seconds 40 --json "$folder/json" --both "$1" -- true "ping -q $2 \$A || true" >"$folder/ping"
}
within() {  # what, value, least, most
  echo "$1: $2 (expected $3 to $4)"
  awk -v x="$2" -v a="$3" -v b="$4" 'BEGIN { exit !(x != "" && x >= a && x <= b) }' || { cat "$folder"/*; exit 1; }
}
impairer=$1

status=0
through delay=75 "-c 100 -i 0.02" || status=$?
[ $status = 0 ] || exit $status
IFS=/ read -r least mean most deviation < <(sed -n 's/^rtt.* = \([0-9./]*\) ms.*/\1/p' "$folder/ping")
within "round trip at 75 ms each way, least ms" "$least" 150 151
within "mean ms" "$mean" 150 155
echo "most ms: $most, mean deviation ms: $deviation"

# 1 - 0.9 * 0.9 = 19 % of 2,000 round trips are lost: 380, with a standard deviation of 17.5.
rm -f "$folder/json"
through loss=10 "-c 2000 -i 0.002 -W 1"
received=$(sed -n 's/.* \([0-9]*\) received.*/\1/p' "$folder/ping")
within "answers of 2,000 at 10 % loss each way" "$received" 1532 1708
cat "$folder/json"
