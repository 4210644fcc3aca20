"""A whole Kubernetes on lab hosts: pods with a network, kube-proxy and DNS, all Ready.

What the lab adds to cluster.py: images of kube-proxy, of a stand-in for CoreDNS (dns/main.go) and
of busybox for workloads; Debian's CNI plugins with a bridge on each host and routes between them.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from . import cluster, images
from .host import LabHost

BINARIES = (*cluster.BINARIES, "kube-proxy")
SMOKE_IMAGE = "lab/busybox:1"
POD_SUBNET = "10.244.0.0/16"
_CNI = "/etc/cni/net.d/10-lab.conf"

_IMAGES = rf"""
set -e
# An image of a root file system in a directory.
import() {{
	name=$1 root=$2
	shift 2
	tar -c -C "$root" . | docker import "$@" - "$name" >/dev/null
	rm -rf "$root"
}}
# Programs with their libraries, by the paths that they have here.
carry() {{
	root=$1
	shift
	for program; do
		path=$(command -v "$program")
		for path in "$path" $(ldd "$path" | grep -o '/[^ ]*'); do
			mkdir -p "$root$(dirname "$path")"
			cp -L "$path" "$root$path"
		done
	done
}}
root=$(mktemp -d)
carry "$root" kube-proxy iptables iptables-save iptables-restore ip6tables ip6tables-save \
	ip6tables-restore conntrack
mkdir -p "$root/usr/local/bin" "$root/usr/lib" "$root/run" "$root/tmp" "$root/etc"
mv "$root/usr/bin/kube-proxy" "$root/usr/local/bin/"
xtables=$(dirname "$(find /usr/lib -name libxt_comment.so | head -1)")
mkdir -p "$root$xtables"
cp "$xtables"/*.so "$root$xtables/"
for path in $(ldd "$xtables"/*.so | grep -o '/[^ ]*\.so[^ ]*' | sort -u); do
	case $path in *:) continue ;; esac
	mkdir -p "$root$(dirname "$path")"
	cp -L "$path" "$root$path"
done
cp -r /etc/protocols /etc/services "$root/etc/" 2>/dev/null || :
import k8s.gcr.io/kube-proxy:{cluster.VERSION} "$root" \
	--change 'ENV PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

root=$(mktemp -d)
cp /usr/local/lib/lab-coredns "$root/coredns"
import "$({cluster.NAMED} /coredns:)" "$root" --change 'ENTRYPOINT ["/coredns"]'

root=$(mktemp -d)
mkdir -p "$root/tmp"
carry "$root" busybox
busybox=$(command -v busybox)
mkdir -p "$root/bin"
[ -x "$root/bin/busybox" ] || cp "$root$busybox" "$root/bin/busybox"
for applet in sh httpd hostname sleep wget cat; do
	ln -s busybox "$root/bin/$applet"
done
import {SMOKE_IMAGE} "$root" --change 'ENV PATH=/bin'
"""


def _dns() -> Path:
    """The stand-in for CoreDNS; built on first use, a minute."""
    command = ["sh", str(images.HERE / "dns.sh")]
    made = subprocess.run(
        command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    )
    return Path(made.stdout.splitlines()[-1]) / "coredns"


def prepare(hosts: Sequence[LabHost]) -> None:
    """What all hosts need before `kubeadm init`, wherever the pods then run."""
    program = _dns()
    for number, host in enumerate(hosts, start=1):
        cluster.prepare(host)
        _copy(program, host, "/usr/local/lib/lab-coredns")
        host.run(_IMAGES)
        network = {
            "cniVersion": "0.3.1",
            "name": "lab",
            "type": "bridge",
            "bridge": "cni0",
            "isGateway": True,
            "ipMasq": True,
            "hairpinMode": True,
            "ipam": {
                "type": "host-local",
                "subnet": f"10.244.{number}.0/24",
                "routes": [{"dst": "0.0.0.0/0"}],
            },
        }
        host.write(_CNI, json.dumps(network))
        routes = "\n".join(
            f"ip route replace 10.244.{other}.0/24 via {peer.address}"
            for other, peer in enumerate(hosts, start=1)
            if other != number
        )
        host.run(
            "mkdir -p /opt/cni/bin && ln -sf /usr/lib/cni/* /opt/cni/bin/\n"
            f"iptables -P FORWARD ACCEPT\n{routes}\n:"
        )


def _copy(source: Path, host: LabHost, target: str) -> None:
    leader = host.leader
    assert leader is not None
    with source.open("rb") as file:
        subprocess.run(
            ["nsenter", f"--target={leader}", "--mount", "--pid", "sh", "-c", f"cat >{target}"],
            stdin=file,
            check=True,
        )
    host.run(f"chmod 755 {target}")


def init(host: LabHost, endpoint: str = "") -> str:
    """Make the host the first control plane; the command with which others join."""
    documents: list[dict[str, object]] = [
        {
            "apiVersion": "kubeadm.k8s.io/v1beta2",
            "kind": "InitConfiguration",
            "localAPIEndpoint": {"advertiseAddress": host.address},
        },
        {
            "apiVersion": "kubeadm.k8s.io/v1beta2",
            "kind": "ClusterConfiguration",
            "kubernetesVersion": cluster.VERSION,
            "controlPlaneEndpoint": endpoint,
            "networking": {"podSubnet": POD_SUBNET},
        },
        {
            # a network namespace may not change what all of them share
            "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
            "kind": "KubeProxyConfiguration",
            "conntrack": {"maxPerCore": 0, "min": 0},
        },
    ]
    host.write("/root/kubeadm.yaml", "---\n".join(json.dumps(one) + "\n" for one in documents))
    host.run(
        "kubeadm init --config /root/kubeadm.yaml"
        " --ignore-preflight-errors ImagePull,SystemVerification"
    )
    return host.run("kubeadm token create --print-join-command").splitlines()[-1]


def join_control_plane(host: LabHost, first: LabHost, command: str) -> None:
    """Make the host another control plane, with the certificates that the first one gives."""
    key = first.run("kubeadm init phase upload-certs --upload-certs").splitlines()[-1]
    host.run(
        f"{command} --control-plane --certificate-key {key}"
        f" --apiserver-advertise-address {host.address} --ignore-preflight-errors ImagePull"
    )


READY = """
export KUBECONFIG=/etc/kubernetes/admin.conf
for i in $(seq 200); do
	nodes=$(kubectl get nodes -o \
		'jsonpath={.items[*].status.conditions[?(@.type=="Ready")].status}')
	pods=$(kubectl -n kube-system get pods --no-headers 2>/dev/null | grep -cv '1/1 *Running')
	case $nodes in *False* | *Unknown* | '') ;; *) [ "$pods" = 0 ] && exit 0 ;; esac
	sleep 0.5
done
kubectl get nodes,pods -A -o wide >&2
exit 1
"""


def wait(host: LabHost) -> None:
    """Return when all nodes are Ready and all pods of kube-system run."""
    host.run(READY)
