#!/bin/sh
# Makes once, in the lab's cache, the disk, kernel and initrd of a virtual machine: Debian 12 with
# a kernel of its own and loadable modules, systemd, sshd and the container runtimes, good for
# kubeadm. Prints the folder that holds disk.img, vmlinuz and initrd.img.
# Argument: the layer of a good Kubernetes host, which is copied over the root file system.
set -eu

here=$(dirname "$(readlink -f "$0")")
# shellcheck source=SCRIPTDIR/debian.sh
. "$here/debian.sh"

# Not the cloud kernel: it lacks ip_vs.
packages='linux-image-amd64 initramfs-tools zstd udev systemd systemd-sysv dbus openssh-server
iproute2 iptables procps kmod conntrack socat ethtool ebtables util-linux mount sudo containerd
docker.io containernetworking-plugins gzip curl ca-certificates tar openssl'
layer=$1
size=3G

[ "$(id -u)" -eq 0 ] || die "needs root"
install_missing mmdebstrap openssh-client e2fsprogs qemu-system-x86 qemu-utils \
    debian-archive-keyring

# The binaries are large, and what was built once does not change under its name.
key=$({
    find "$layer" -type f -size -100k | sort | xargs -d '\n' cat
    find "$layer" -type f -size +99k -printf '%P %s %T@\n' | sort
} | recipe_key "$here/vm.sh" "$here/vm-setup.sh")
made=$cache/vm-$suite-$key
lock vm
if [ -d "$made" ]; then
    printf '%s\n' "$made"
    exit 0
fi

work=$made.work.$$
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/out"
debian_sources deb >"$work/list"
set --
for setting in $(apt_settings); do
    set -- "$@" "--aptopt=$setting"
done
say "making the disk of a virtual machine; two minutes, once"
# shellcheck disable=SC2016 # mmdebstrap gives $1 to the hook
nice mmdebstrap --quiet --mode=root --variant=apt "$@" \
    --include="$(printf '%s' "$packages" | tr -s ' \n' ',')" \
    --essential-hook="copy-in '$here/vm-setup.sh' /" \
    --essential-hook='chroot "$1" sh /vm-setup.sh before' \
    --customize-hook="sync-in '$layer' /" \
    --customize-hook='chroot "$1" sh /vm-setup.sh after && rm "$1/vm-setup.sh"' \
    "$suite" "$work/root" "$work/list" >&2
cp "$work"/root/boot/vmlinuz-* "$work/out/vmlinuz"
cp "$work"/root/boot/initrd.img-* "$work/out/initrd.img"
mke2fs -q -t ext4 -d "$work/root" "$work/out/disk.img" "$size" >&2
mv "$work/out" "$made"
say "made $(du -sm "$made" | cut -f1) MB"
printf '%s\n' "$made"
