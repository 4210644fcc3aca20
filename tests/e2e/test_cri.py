"""kscan asks a real containerd over gRPC, on a real host without crictl, as new kubeadms do."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from scanner.kubeadm.images import wanted
from scanner.versions import parse_version
from tests.lab.home import know_hosts
from tests.lab.hosts import Lab, LabHost, missing
from tests.lab.images import kubernetes

pytestmark = pytest.mark.e2e

CONTAINERD = "/run/containerd/containerd.sock"
CONFIG = "/etc/containerd/config.toml"
SILENT = "/run/silent.sock"


@dataclass(frozen=True, slots=True)
class Machine:
    """One host of a lab that has containerd and no Kubernetes, and kscan beside it."""

    lab: Lab
    home: Path

    @property
    def host(self) -> LabHost:
        return self.lab.hosts[0]

    def check(
        self, name: str, version: str = "v1.31.0", *, user: str = "root", **host: str
    ) -> dict[str, Any]:
        """What `kscan check` says under kubeadm's name."""
        own = {"name": self.host.name, "address": self.host.address, "user": user, **host}
        document = {
            "cluster": {"kubernetesVersion": version},
            "defaults": {"identityFile": str(self.lab.key)},
            "hosts": [{**own, "roles": ["control-plane"]}],
        }
        path = self.home / "inventory.yaml"
        path.write_text(json.dumps(document), encoding="utf-8")
        words = ["check", str(path), "--format", "json", "--only", name]
        argv = ["env", f"HOME={self.home}", sys.executable, "-m", "scanner", *words]
        done = subprocess.run(
            self.lab.command(argv), capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode in {0, 3, 4}, done.stderr
        results: list[dict[str, Any]] = json.loads(done.stdout)["hosts"][0]["results"]
        return next(result for result in results if result["kubeadm"] == name)


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    if (reason := missing()) is not None:
        pytest.skip(reason)
    home = tmp_path_factory.mktemp("home")
    with Lab.start(1, kube=False) as lab:
        know_hosts(home, lab.known_hosts)
        lab.hosts[0].run("systemctl start containerd")
        assert lab.hosts[0].run("command -v crictl", check=False) == ""
        yield Machine(lab, home)


@contextmanager
def stopped(host: LabHost) -> Iterator[None]:
    """No containerd, but its socket, as after a crash."""
    host.run("systemctl stop containerd")
    # What is killed cannot remove its socket; a containerd that is killed is started again.
    host.run(f"timeout -s KILL 0.3 socat UNIX-LISTEN:{CONTAINERD} - & wait", check=False)
    try:
        yield
    finally:
        host.run(f"rm -f {CONTAINERD}; systemctl start containerd")


@contextmanager
def without_cri(host: LabHost) -> Iterator[None]:
    """containerd as Docker's package configures it."""
    host.run(f"cp {CONFIG} {CONFIG}.kept")
    host.write(CONFIG, 'disabled_plugins = ["cri"]\n')
    host.run("systemctl restart containerd")
    try:
        yield
    finally:
        host.run(f"mv {CONFIG}.kept {CONFIG} && systemctl restart containerd")


@contextmanager
def listener(host: LabHost) -> Iterator[None]:
    """A socket that takes a connection and never says a word."""
    host.run(f"systemd-run -q --unit silent socat UNIX-LISTEN:{SILENT},fork EXEC:'sleep 60'")
    host.run(f"until test -S {SILENT}; do sleep 0.1; done")
    try:
        yield
    finally:
        host.run(f"systemctl stop silent; rm -f {SILENT}")


@contextmanager
def without_curl(host: LabHost) -> Iterator[None]:
    host.run("systemctl is-active containerd && mv /usr/bin/curl /usr/bin/curl.kept")
    try:
        yield
    finally:
        host.run("mv /usr/bin/curl.kept /usr/bin/curl")


def test_a_runtime_that_answers_passes_without_crictl(machine: Machine) -> None:
    found = machine.check("CRI")
    assert (found["verdict"], found["message"]) == ("pass", "")


def test_until_1_30_kubeadm_needs_crictl_to_ask(machine: Machine) -> None:
    found = machine.check("CRI", "v1.30.0")
    assert found["verdict"] == "unknown"
    assert "no crictl" in found["message"]


def test_a_disabled_plugin_is_an_unknown_service(machine: Machine) -> None:
    with without_cri(machine.host):
        found = machine.check("CRI")
    assert found["verdict"] == "fail", found["message"]
    assert "unknown service runtime.v1.RuntimeService" in found["message"]
    assert machine.check("CRI")["verdict"] == "pass"


def test_a_socket_that_was_left_refuses(machine: Machine) -> None:
    with stopped(machine.host):
        found = machine.check("CRI")
    assert found["verdict"] == "fail", found["message"]
    assert "nobody answers on its socket" in found["message"]


def test_a_socket_that_is_silent_costs_three_seconds(machine: Machine) -> None:
    with listener(machine.host):
        found = machine.check("CRI", criSocket=f"unix://{SILENT}")
    assert found["verdict"] == "fail", found["message"]
    assert "does not answer within 3 s" in found["message"]


def test_who_cannot_ask_is_told_what_to_do(machine: Machine) -> None:
    with without_curl(machine.host):
        nothing = machine.check("CRI")
    assert nothing["verdict"] == "unknown"
    assert "there is no curl" in nothing["message"]
    nobody = machine.check("CRI", user="plain")
    assert nobody["verdict"] == "unknown"
    assert "only root may use the runtime's socket" in nobody["message"]


def test_a_runtime_without_runtime_config_is_warned_of(machine: Machine) -> None:
    """Debian 12's containerd 1.6 answers that it does not know the method."""
    found = machine.check("ContainerRuntimeVersion", "v1.35.0")
    assert found["verdict"] == "warn"
    assert "containerd 1.6" in found["message"]


def test_the_images_are_those_that_kubeadm_lists() -> None:
    if (reason := missing()) is not None:
        pytest.skip(reason)
    version = parse_version("v1.20.2")
    for repository in ("", "registry.example:5000/k8s"):
        argv = [str(kubernetes() / "kubeadm"), "config", "images", "list"]
        argv += ["--kubernetes-version", f"v{version}"]
        argv += ["--image-repository", repository] if repository else []
        listed = subprocess.run(argv, check=True, capture_output=True, text=True).stdout.split()
        assert list(wanted(version, version, repository, local_etcd=True).names) == listed


def test_images_that_containerd_has_are_found(machine: Machine) -> None:
    """Real imports of an image with nothing in it, under the names that kubeadm wants."""
    version = parse_version("v1.31.0")
    names = wanted(version, version, "", local_etcd=True).names
    assert machine.check("ImagePull")["message"].startswith("7 of 7 images are missing")
    image = {"Config": "config.json", "RepoTags": names, "Layers": ["layer.tar"]}
    manifest = json.dumps([image])
    machine.host.run(
        "mkdir -p /tmp/empty && tar -C /tmp/empty -cf /tmp/layer.tar . && "
        "digest=$(sha256sum /tmp/layer.tar | cut -d' ' -f1) && cd /tmp && "
        'printf \'{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":'
        '["sha256:%s"]}}\' $digest >config.json && '
        f"echo '{manifest}'"
        " >manifest.json && tar -cf image.tar config.json layer.tar manifest.json && "
        "ctr -n k8s.io images import image.tar"
    )
    assert machine.check("ImagePull")["verdict"] == "pass"
    machine.host.run(f"ctr -n k8s.io images rm {names[-1]}")
    found = machine.check("ImagePull")
    assert (found["verdict"], names[-1] in found["message"]) == ("warn", True)
