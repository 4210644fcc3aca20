#!/bin/sh
# Makes once, in the lab's cache, the root file system that all lab hosts share as their lower
# layer: Debian 12 with systemd, sshd and a container runtime that is installed but not enabled.
# Prints its folder. $KSCAN_LAB_CACHE moves the cache.
set -eu

here=$(dirname "$(readlink -f "$0")")
# shellcheck source=SCRIPTDIR/debian.sh
. "$here/debian.sh"

packages='systemd systemd-sysv dbus openssh-server iproute2 iptables procps kmod conntrack socat
ethtool ebtables util-linux mount sudo containerd docker.io containernetworking-plugins firewalld
busybox gzip curl ca-certificates tar openssl etcd-server etcd-client'
# Debian 12 has no cri-tools; a mirror that does have them is welcome.
optional='cri-tools'

[ "$(id -u)" -eq 0 ] || die "needs root"
install_missing mmdebstrap systemd-container openssh-client iproute2 iptables util-linux \
    debian-archive-keyring

key=$(recipe_key "$here/rootfs.sh" "$here/rootfs-setup.sh" </dev/null)
root=$cache/rootfs-$suite-$key
lock rootfs
if [ -d "$root" ]; then
    printf '%s\n' "$root"
    exit 0
fi

for package in $optional; do
    candidate=$(apt-cache policy "$package" | sed -n 's/^ *Candidate: //p')
    case $candidate in
        '' | '(none)') ;;
        *) packages="$packages $package" ;;
    esac
done
work=$root.work.$$
trap 'rm -rf "$work" "$work.list"' EXIT
debian_sources deb >"$work.list"
set --
for setting in $(apt_settings); do
    set -- "$@" "--aptopt=$setting"
done
say "making the root file system; about a minute, once"
# shellcheck disable=SC2016 # mmdebstrap gives $1 to the hook
nice mmdebstrap --quiet --mode=root --variant=apt "$@" \
    --include="$(printf '%s' "$packages" | tr -s ' \n' ',')" \
    --customize-hook="copy-in '$here/rootfs-setup.sh' /" \
    --customize-hook='chroot "$1" sh /rootfs-setup.sh && rm "$1/rootfs-setup.sh"' \
    "$suite" "$work" "$work.list" >&2
mv "$work" "$root"
say "made $(du -sm "$root" | cut -f1) MB"
printf '%s\n' "$root"
