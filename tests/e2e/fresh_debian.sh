#!/usr/bin/env bash
# The README's two commands on a Debian 12 that has nothing but git and a user with sudo, in a clean clone: long, so not part of CI.
set -euo pipefail

usage() {
  cat <<'TXT'
usage: tests/e2e/fresh_debian.sh [--full] [--keep] [FOLDER]      (as root)
  FOLDER  where the system goes (default: a new folder in /var/tmp); one that is there already is used again
  --full  all of tests/run.sh instead of tests/run.sh --quick
  --keep  leave the folder there at the end
Packages come from where apt gets this machine's Debian packages. Only what is committed is cloned.
TXT
}

suite=bookworm tests="tests/run.sh --quick" keep=no folder=""
for argument in "$@"; do
  case $argument in
    --full) tests="tests/run.sh" ;;
    --keep) keep=yes ;;
    -h | --help) usage; exit 0 ;;
    -*) usage >&2; exit 2 ;;
    *) folder=$(readlink -m "$argument") keep=yes ;;
  esac
done
[ "$(id -u)" = 0 ] || { echo "fresh_debian.sh: making a system needs root" >&2; exit 2; }
command -v debootstrap >/dev/null || { echo "fresh_debian.sh: debootstrap is missing; examples/packages.sh --tests installs it" >&2; exit 2; }
repository=$(git -C "$(dirname "$(readlink -f "$0")")" rev-parse --show-toplevel)
folder=${folder:-$(mktemp -d /var/tmp/conclave-debian.XXXXXX)}

sources() {  # suite, address and component of what Debian's part of apt's configuration says
  apt-get indextargets --format '$(ORIGIN) $(CODENAME) $(REPO_URI) $(COMPONENT)' 'Created-By: Packages' |
    awk -v suite="$suite" '$1 == "Debian" && index($2, suite) == 1 { print "deb", $3, $2, $4 }' | sort -u
}

make_system() {
  local mirror
  mirror=$(sources | awk -v suite="$suite" '$3 == suite { print $2; exit }')
  [ -n "$mirror" ] || { echo "fresh_debian.sh: apt knows no $suite here" >&2; exit 1; }
  echo "== a fresh $suite from $mirror in $folder"
  debootstrap --variant=minbase --include=git,sudo,ca-certificates "$suite" "$folder" "$mirror" >"$folder.log" 2>&1 ||
    { tail -n 20 "$folder.log"; exit 1; }
  sources >"$folder/etc/apt/sources.list"
  grep -rhi proxy /etc/apt/apt.conf /etc/apt/apt.conf.d 2>/dev/null >"$folder/etc/apt/apt.conf.d/99proxy" || true
  chroot "$folder" useradd --create-home --shell /bin/bash dev
  echo 'dev ALL=(ALL) NOPASSWD: ALL' >"$folder/etc/sudoers.d/dev"
}

clean_up() {
  [ "$keep" = yes ] || rm -rf --one-file-system "$folder" "$folder.log"
}
trap clean_up EXIT

[ -x "$folder/usr/bin/git" ] || make_system
cp -L /etc/resolv.conf /etc/hosts "$folder/etc/"
rm -rf "$folder/home/dev/conclave"
git clone --quiet --no-local "$repository" "$folder/home/dev/conclave"
chroot "$folder" chown -R dev:dev "$(chroot "$folder" sh -c 'echo ~dev')/conclave"

# Mounts and processes live in namespaces of their own, and end with them.
inside() {
  unshare --mount --pid --fork --kill-child bash -euc '
    root=$1
    mount -t proc proc "$root/proc"
    mount -t tmpfs -o mode=755 tmpfs "$root/dev"
    mkdir -p "$root"/dev/{pts,shm,net}
    for device in null zero full random urandom tty net/tun; do
      [ ! -c "/dev/$device" ] || { touch "$root/dev/$device"; mount --bind "/dev/$device" "$root/dev/$device"; }
    done
    mount -t devpts devpts "$root/dev/pts"
    mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
    ln -s /proc/self/fd "$root/dev/fd"
    exec chroot "$root" su -w http_proxy,https_proxy,no_proxy - dev -c "cd conclave && $2"' - "$folder" "$1"
}

measure() {
  local begin=$SECONDS
  echo "== $1"
  inside "$1" || { echo "== FAILED: $1"; exit 1; }
  echo "== $1: $((SECONDS - begin)) s"
}

measure "examples/demo.sh"
measure "examples/demo.sh"
measure "$tests"
measure "$tests"
measure "git status --short"
