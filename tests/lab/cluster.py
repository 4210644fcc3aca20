"""A real control plane on lab hosts: `kubeadm init` and `kubeadm join`, with static pods of the
lab's own binaries. Without DNS, kube-proxy and CNI: nodes are there, and not Ready.
"""

from __future__ import annotations

from . import images, kubernetes
from .host import LabHost

COMPONENTS = ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
BINARIES = (*images.NODE_BINARIES, *COMPONENTS)
"""What hosts need that shall run a control plane; built once, some minutes more."""
VERSION = kubernetes.NAME
NAMED = f"kubeadm config images list --kubernetes-version {VERSION} | grep"
"""With `/NAME:` after it, the shell command for the name that kubeadm has for an image."""

# This machine may not have CAP_SYS_RESOURCE: runc can then neither set a negative oom score nor
# grant that capability.
_RUNC = r"""#!/bin/sh
bundle=
last=
for argument; do
	[ "$last" = --bundle ] && bundle=$argument
	last=$argument
done
[ -z "$bundle" ] || sed -i -e 's/"oomScoreAdj":-[0-9]*/"oomScoreAdj":0/' \
	-e 's/"CAP_SYS_RESOURCE",//g' -e 's/,"CAP_SYS_RESOURCE"//g' "$bundle/config.json"
exec /usr/sbin/runc "$@"
"""

# An image is one program, with the libraries it needs, and a PATH that finds it.
_PUT = rf"""
set -e
put() {{
	name=$1 programs=$2
	shift 2
	# shellcheck disable=SC2046 # one program and one library a word
	tar -ch -C / --transform "s,^usr/bin/,usr/local/bin/," $(
		for program in $programs; do
			path=$(command -v "$program")
			echo "${{path#/}}"
			ldd "$path" 2>/dev/null | grep -o '/[^ ]*' | sed 's,^/,,'
		done | sort -u
	) | docker import --change 'ENV PATH=/usr/local/bin' "$@" - "$name" >/dev/null
}}
put "$({NAMED} /pause:)" sleep --change 'ENTRYPOINT ["/usr/local/bin/sleep","infinity"]'
put "$({NAMED} /etcd:)" 'etcd etcdctl'
"""


def prepare(host: LabHost) -> None:
    """What the kubelet needs beside a good host, and the images that nothing can be pulled from."""
    host.write("/usr/local/sbin/runc", _RUNC, 0o755)
    host.run("test -e /dev/kmsg || mknod /dev/kmsg c 1 11; mount --make-rshared /")
    puts = [f"put k8s.gcr.io/{name}:{VERSION} {name}" for name in COMPONENTS]
    host.run("\n".join([_PUT, *puts]))


def init(host: LabHost) -> str:
    """Make the host the first control plane; the command with which others join."""
    prepare(host)
    host.run(
        f"kubeadm init --kubernetes-version {VERSION} --apiserver-advertise-address {host.address}"
        " --skip-phases addon --pod-network-cidr 10.244.0.0/16"
        " --ignore-preflight-errors ImagePull,SystemVerification"
    )
    return host.run("kubeadm token create --print-join-command").splitlines()[-1]


def join(host: LabHost, command: str) -> None:
    """Make the host a worker."""
    prepare(host)
    host.run(command)
