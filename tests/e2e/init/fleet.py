"""Lab hosts on which `kscan init` makes a whole cluster, and kscan in the place of the operator."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.lab import cluster, whole
from tests.lab.home import know_hosts
from tests.lab.hosts import Lab, LabHost

# As a network add-on does: it puts its configuration on each node, which is Ready from then on.
CNI = f"""\
apiVersion: v1
kind: Namespace
metadata: {{name: lab-network}}
---
# nothing here
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {{name: network, namespace: lab-network}}
spec:
  selector: {{matchLabels: {{app: network}}}}
  template:
    metadata: {{labels: {{app: network}}}}
    spec:
      hostNetwork: true
      tolerations: [{{operator: Exists}}]
      terminationGracePeriodSeconds: 0
      containers:
        - name: install
          image: {whole.SMOKE_IMAGE}
          imagePullPolicy: Never
          command:
            - sh
            - -c
            - cd /host && cat lab-network/10-lab.conf >cni/net.d/10-lab.conf && sleep 1000000
          volumeMounts: [{{name: etc, mountPath: /host}}]
      volumes: [{{name: etc, hostPath: {{path: /etc}}}}]
"""
ADDON = f"""\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, namespace: default}}
spec:
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      containers:
        - name: web
          image: {whole.SMOKE_IMAGE}
          imagePullPolicy: Never
          command: [sleep, "1000000"]
"""
# A network namespace may not change what all of them share.
KUBE_PROXY = """\
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
conntrack: {maxPerCore: 0, min: 0}
"""
PROOF = "the cluster, asked through its API for all that init leaves behind"
"""What kscan says before it asks the API."""
KUBECTL = "KUBECONFIG=/etc/kubernetes/admin.conf kubectl"
_MEMBERS = (
    "curl -sS --cacert /etc/kubernetes/pki/etcd/ca.crt"
    " --cert /etc/kubernetes/pki/etcd/healthcheck-client.crt"
    " --key /etc/kubernetes/pki/etcd/healthcheck-client.key"
    " -X POST -d '{}' https://127.0.0.1:2379/v3/cluster/member/list"
)
KUBEADM_RUNS = "cat /var/log/kubeadm-runs 2>/dev/null || true"
# Every run of kubeadm but the questions for its version and its options leaves a line.
_KUBEADM = """\
#!/bin/sh
case $* in
version* | config* | *--help) ;;
*) echo "$@" >>/var/log/kubeadm-runs ;;
esac
exec /usr/bin/kubeadm.real "$@"
"""


@dataclass(frozen=True, slots=True)
class Fleet:
    """The lab, and the operator's folder."""

    lab: Lab
    home: Path
    roles: tuple[str, ...]

    @property
    def hosts(self) -> tuple[LabHost, ...]:
        return self.lab.hosts

    @property
    def folder(self) -> Path:
        return self.home / ".kscan" / "lab"

    def host(self, name: str) -> LabHost:
        return next(host for host in self.hosts if host.name == name)

    def write_inventory(self, endpoint: str = "", more: str = "") -> None:
        hosts = "\n".join(
            f"  - {{name: {host.name}, address: {host.address}, roles: [{role}], "
            f"labels: {{lab.example/number: '{number}'}}}}"
            for number, (host, role) in enumerate(zip(self.hosts, self.roles, strict=True), 1)
        )
        (self.home / "cni.yaml").write_text(CNI, encoding="utf-8")
        (self.home / "web.yaml").write_text(ADDON, encoding="utf-8")
        (self.home / "kube-proxy.yaml").write_text(KUBE_PROXY, encoding="utf-8")
        (self.home / "lab.yaml").write_text(
            f"cluster:\n  kubernetesVersion: {cluster.VERSION}\n"
            f'  controlPlaneEndpoint: "{endpoint}"\n'
            f"  networking: {{podSubnet: {whole.POD_SUBNET}}}\n"
            "  cni: {manifest: cni.yaml}\n"
            "  addons: [{name: web, manifest: web.yaml}]\n"
            "  kubeadm: {extraDocuments: [kube-proxy.yaml]}\n"
            f"{more}"
            f"defaults: {{identityFile: {self.lab.key}}}\n"
            f"hosts:\n{hosts}\n",
            encoding="utf-8",
        )

    def argv(self, *words: str) -> list[str]:
        kscan = [sys.executable, "-m", "scanner", *words]
        return self.lab.command(["env", f"HOME={self.home}", f"PYTHONPATH={Path.cwd()}", *kscan])

    def kscan(self, *words: str, within: float = 600) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.argv(*words),
            cwd=self.home,
            capture_output=True,
            text=True,
            check=False,
            timeout=within,
        )

    def until(self, words: Sequence[str], line: str) -> tuple[subprocess.Popen[str], list[str]]:
        """Start kscan, and read what it says until a line that matches, or its end."""
        kscan = subprocess.Popen(
            self.argv(*words, "--yes"),
            cwd=self.home,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert kscan.stderr is not None
        said = []
        for spoken in kscan.stderr:
            said.append(spoken)
            if re.fullmatch(line, spoken.strip()):
                break
        return kscan, said

    def killed_when(self, words: Sequence[str], line: str, after: float) -> bool:
        """Start kscan and end it by SIGKILL some time after it has said something.

        False if it has not said that before its own end.
        """
        kscan, said = self.until(words, line)
        time.sleep(after)
        kscan.send_signal(signal.SIGKILL)
        said.append(kscan.communicate()[1])
        assert kscan.returncode in {0, -signal.SIGKILL}, "".join(said)
        return kscan.returncode != 0

    def report(self, done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def kubeadm_runs(self) -> list[str]:
        return [
            f"{host.name}: {line}"
            for host in self.hosts
            for line in host.run(KUBEADM_RUNS).splitlines()
        ]

    def etcd_members(self) -> set[str]:
        found = json.loads(self.hosts[0].run(_MEMBERS))["members"]
        return {member.get("name", "") for member in found}

    def secrets_of_joins(self) -> list[str]:
        """What must not be in the cluster when nobody joins."""
        words = self.hosts[0].run(f"{KUBECTL} -n kube-system get secrets -o name").split()
        return [name for name in words if "kubeadm-certs" in name or "bootstrap-token" in name]

    def ready_nodes(self) -> dict[str, str]:
        words = self.hosts[0].run(
            f"{KUBECTL} get nodes --no-headers -o custom-columns="
            "N:.metadata.name,R:.status.conditions[-1].type,S:.status.conditions[-1].status"
        )
        return {
            line.split()[0]: f"{line.split()[1]}={line.split()[2]}" for line in words.splitlines()
        }


@contextmanager
def fleet(home: Path, *roles: str) -> Iterator[Fleet]:
    """Hosts that are ready for it; nobody is in a cluster yet."""
    with Lab.start(len(roles), binaries=whole.BINARIES) as lab:
        know_hosts(home, lab.known_hosts)
        whole.prepare(lab.hosts)
        for host in lab.hosts:
            host.run(
                "mkdir -p /etc/lab-network && mv /etc/cni/net.d/10-lab.conf /etc/lab-network/\n"
                "mv /usr/bin/kubeadm /usr/bin/kubeadm.real"
            )
            host.write("/usr/bin/kubeadm", _KUBEADM, 0o755)
        made = Fleet(lab, home, roles)
        made.write_inventory()
        yield made
