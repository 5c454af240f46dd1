#!/usr/bin/env bash
# Installs the Debian packages that Conclave is built from, those that are missing alone.
set -euo pipefail

usage() {
  cat <<'TXT'
usage: examples/packages.sh [--demo | --tests] [--print]
  --demo   what building and running a call needs (the default)
  --tests  that, and what the tests, sanitizers, fuzzers and benches need
  --print  print the names and end
TXT
}

build=(build-essential cmake ninja-build pkg-config
  libsodium-dev libssl-dev
  libopus-dev libvpx-dev libavformat-dev libavcodec-dev libavutil-dev libpng-dev
  libngtcp2-dev libngtcp2-crypto-gnutls-dev libgnutls28-dev libprotobuf-dev protobuf-compiler libisal-dev
  libsdl2-dev portaudio19-dev libasound2-dev flite1-dev
  libcli11-dev libqrencode-dev nlohmann-json3-dev libasio-dev libsqlite3-dev
  libtomlplusplus-dev libboost-dev libseccomp-dev
  ffmpeg)
[ "$(dpkg --print-architecture)" != amd64 ] || build+=(libipsec-mb-dev)

tests=(clang-14 libclang-rt-14-dev llvm-14 lld-14
  catch2 libbenchmark-dev
  libgstreamer1.0-dev gstreamer1.0-plugins-base gstreamer1.0-plugins-good
  python3-cffi python3-dev python3-numpy python3-pip python3-setuptools python3-wheel cargo rustc nodejs
  doxygen node-typescript
  python3 git tcpdump iptables iproute2 iputils-ping procps strace gdb debootstrap)
[ -f /usr/include/node/node_api.h ] || tests+=(libnode-dev)  # another nodejs than Debian's brings its own headers, and excludes these

set_name=demo print=no
for argument in "$@"; do
  case $argument in
    --demo) set_name=demo ;;
    --tests) set_name=tests ;;
    --print) print=yes ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done

wanted=("${build[@]}")
[ "$set_name" = demo ] || wanted+=("${tests[@]}")
if [ "$print" = yes ]; then
  printf '%s\n' "${wanted[@]}"
  exit 0
fi

missing=()
for package in "${wanted[@]}"; do
  status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" != 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "packages.sh: missing: ${missing[*]}" >&2
    echo "packages.sh: installing them needs root or sudo; neither is here" >&2
    exit 1
  fi
  as_root=(sudo)
fi

echo "packages.sh: installing ${missing[*]}" >&2
apt_get() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 "$@" >&2
}
if ! apt_get update; then
  echo "packages.sh: apt-get update failed; going on with the lists at hand" >&2
fi
if ! apt_get install -y --no-install-recommends "${missing[@]}"; then
  echo "packages.sh: apt-get could not install: ${missing[*]}" >&2
  echo "packages.sh: is the network up, and does this Debian have them? (the reference is Debian 12, main)" >&2
  exit 1
fi
