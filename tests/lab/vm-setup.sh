#!/bin/sh
# Runs inside the new root file system of a virtual machine: `before` its packages are configured,
# and `after`.
set -eu

if [ "$1" = before ]; then
    # An initrd of what this machine has, and no more: software emulation unpacks it slowly.
    mkdir -p /etc/initramfs-tools/conf.d /usr/share/initramfs-tools/modules.d
    printf 'MODULES=list\nCOMPRESS=zstd\n' >/etc/initramfs-tools/conf.d/lab
    printf '%s\n' virtio_pci virtio_blk ext4 >/usr/share/initramfs-tools/modules.d/lab
    exit 0
fi

: >/etc/machine-id
: >/etc/apt/sources.list
: >/etc/fstab
printf '# the lab has no name server\n' >/etc/resolv.conf
rm -f /etc/ssh/ssh_host_*

cat >/etc/ssh/sshd_config.d/lab.conf <<'CONF'
HostKey /etc/ssh/ssh_host_ed25519_key
AuthorizedKeysFile /etc/ssh/lab_authorized_keys
PasswordAuthentication no
PermitRootLogin prohibit-password
LogLevel VERBOSE
CONF

# As Kubernetes' documentation wants it; the sysctls beside it are the layer's.
printf '%s\n' overlay br_netfilter ip_vs ip_vs_rr ip_vs_wrr ip_vs_sh nf_conntrack \
    >/etc/modules-load.d/kubernetes.conf

# Names, addresses and keys of one machine come as a tar archive on its second disk.
cat >/etc/systemd/system/lab-seed.service <<'CONF'
[Unit]
Description=What makes this machine differ from others
DefaultDependencies=no
Requires=dev-vdb.device
After=dev-vdb.device systemd-remount-fs.service
Before=sysinit.target systemd-networkd.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=tar -xf /dev/vdb -C / --no-overwrite-dir
ExecStart=sh -c 'hostname -F /etc/hostname'

[Install]
WantedBy=sysinit.target
CONF

# A kubelet without a configuration ends at once and is started again for ever, which costs an
# emulated processor dearly. kubeadm asks whether it is enabled, never whether it runs.
mkdir -p /etc/systemd/system/kubelet.service.d
cat >/etc/systemd/system/kubelet.service.d/90-lab.conf <<'CONF'
[Unit]
ConditionPathExists=/var/lib/kubelet/config.yaml
CONF

systemctl enable lab-seed.service systemd-networkd.service
systemctl disable systemd-networkd-wait-online.service
systemctl mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer \
    fstrim.timer systemd-networkd-wait-online.service getty.target console-getty.service

# Drivers that no virtual machine has; they are most of the disk.
release=$(ls /lib/modules)
for folder in drivers/gpu drivers/media drivers/infiniband drivers/iio drivers/staging \
    drivers/net/ethernet drivers/net/wireless drivers/usb sound; do
    rm -rf "/lib/modules/$release/kernel/$folder"
done
depmod "$release"
apt-get clean
