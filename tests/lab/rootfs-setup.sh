#!/bin/sh
# Runs inside the new root file system: accounts, sshd, and what must not reach the shared kernel.
set -eu

: >/etc/machine-id
: >/etc/apt/sources.list
printf '# the lab has no name server\n' >/etc/resolv.conf
rm -f /etc/ssh/ssh_host_*

cat >/etc/ssh/sshd_config.d/lab.conf <<'CONF'
HostKey /etc/ssh/ssh_host_ed25519_key
AuthorizedKeysFile .ssh/authorized_keys /etc/ssh/lab_authorized_keys
LogLevel VERBOSE
CONF

for user in ops plain pw; do
    useradd --create-home --shell /bin/bash --password '*' "$user"
done
echo 'pw:lab-secret' | chpasswd
echo 'ops ALL=(ALL:ALL) NOPASSWD: ALL' >/etc/sudoers.d/ops
echo 'pw ALL=(ALL:ALL) ALL' >/etc/sudoers.d/pw
chmod 0440 /etc/sudoers.d/ops /etc/sudoers.d/pw

systemctl disable docker.service docker.socket containerd.service firewalld.service etcd.service
# The package makes etcd's data directory, which a host before `kubeadm init` does not have.
rm -rf /var/lib/etcd
systemctl mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer \
    fstrim.timer systemd-udevd.service systemd-modules-load.service \
    getty.target console-getty.service

# A host writes to /proc/sys of the one shared kernel: Debian's own settings, which are not per
# network namespace, must not be applied to the machine.
for file in /usr/lib/sysctl.d/*.conf /etc/sysctl.d/*.conf; do
    [ -e "$file" ] || continue
    ln -sf /dev/null "/etc/sysctl.d/$(basename "$file")"
done
: >/etc/sysctl.conf

cat >/etc/systemd/system/lab-kernel.service <<'CONF'
[Unit]
Description=What a real kernel would give this host
DefaultDependencies=no
After=local-fs.target
Before=sysinit.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'mount --make-rshared /'
ExecStart=/bin/sh -c 'test -e /dev/kmsg || mknod /dev/kmsg c 1 11'
ExecStart=/bin/sh -c 'for g in /sys/fs/cgroup/*; do mount -o remount,rw,bind $$g || true; done'

[Install]
WantedBy=sysinit.target
CONF
systemctl enable lab-kernel.service
