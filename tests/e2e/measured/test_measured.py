"""--registry and --etcd-fsync over SSH: a real HTTPS server beside light hosts, a real disk."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.lab.light import LightLab, missing

pytestmark = pytest.mark.e2e

SERVER = """
import http.server, ssl, sys

class Registry(http.server.BaseHTTPRequestHandler):
    def do_HEAD(self):
        code = 404
        if self.path == "/v2/k8s/kube-proxy/manifests/v1.31.0":
            code = 200
        elif self.path.startswith("/v2/moved/"):
            code = 307
        elif self.path.startswith("/v2/private/"):
            code = 401
        print(code, self.command, self.headers.get("Authorization"), flush=True)
        self.send_response(code)
        if code == 307:
            self.send_header("Location", self.path.replace("moved", "k8s"))
        self.end_headers()

server = http.server.ThreadingHTTPServer(("", 5000), Registry)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
server.socket = context.wrap_socket(server.socket, server_side=True)
print("ready", flush=True)
server.serve_forever()
"""


@dataclass(frozen=True, slots=True)
class Fleet:
    """Two hosts, of which the first trusts the registry's certificate."""

    lab: LightLab
    home: Path

    def words(self, cluster: str, *options: str) -> list[str]:
        hosts = "\n".join(
            f"  - {{name: {host.name}, address: {host.address}, roles: [{role}]}}"
            for host, role in zip(self.lab.hosts, ("control-plane", "worker"), strict=True)
        )
        path = self.home / "inventory.yaml"
        path.write_text(
            f"cluster: {{kubernetesVersion: v1.31.0, {cluster}}}\n"
            f"defaults: {{user: root, identityFile: {self.lab.key}, hostKeys: off}}\n"
            f"hosts:\n{hosts}\n",
            encoding="utf-8",
        )
        kscan = [sys.executable, "-m", "scanner", "check", str(path), "--format", "json"]
        return self.lab.command(["env", f"HOME={self.home}", *kscan, "--network", "off", *options])

    def check(self, check: str, cluster: str, *options: str) -> list[dict[str, Any]]:
        """A check's result on each of the hosts."""
        done = subprocess.run(
            self.words(cluster, "--only", f"{check},Swap", *options),
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            cwd=Path(__file__).parents[3],
        )
        assert done.stdout, done.stderr
        return [
            result
            for host in json.loads(done.stdout)["hosts"]
            for result in host["results"]
            if result["check"] == check
        ]

    def asked(self, repository: str) -> list[tuple[str, str]]:
        found = self.check("KS513", f"imageRepository: '{repository}'", "--registry")
        return [(result["verdict"], result["message"]) for result in found]


@contextmanager
def trusting(fleet: Fleet, folder: Path) -> Iterator[None]:
    """The first host knows the registry's certificate, and both its name."""
    pid = fleet.lab.hosts[0].pid
    enter = ["nsenter", f"--target={pid}", "--mount", "--"]
    subprocess.run([*enter, "mount", "--bind", str(folder), "/etc/ssl/certs"], check=True)
    tables = [host.folder / "hosts" for host in fleet.lab.hosts]
    for table in tables:
        table.write_text(table.read_text() + "10.77.0.1 registry.lab\n")
    try:
        yield
    finally:
        subprocess.run([*enter, "umount", "/etc/ssl/certs"], check=True)


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    if reason := missing():
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("certs")
    make = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    names = ["-subj", "/CN=registry.lab", "-addext", "subjectAltName=DNS:registry.lab"]
    files = ["-keyout", f"{folder}/key", "-out", f"{folder}/ca.pem"]
    subprocess.run(["openssl", *make, *names, *files], check=True, capture_output=True)
    (folder / "ca-certificates.crt").write_bytes((folder / "ca.pem").read_bytes())
    subprocess.run(["openssl", "rehash", str(folder)], check=True)
    with LightLab.start(2) as lab:
        made = Fleet(lab, tmp_path_factory.mktemp("home"))
        argv = lab.command([sys.executable, "-c", SERVER, f"{folder}/ca.pem", f"{folder}/key"])
        log = (folder / "log").open("wb+")
        with trusting(made, folder), log, subprocess.Popen(argv, stdout=log) as server:
            try:
                while b"ready" not in (folder / "log").read_bytes():
                    time.sleep(0.05)
                yield made
                # one HEAD for each question, and nothing that could be a password
                said = (folder / "log").read_text().splitlines()[1:]
                assert {line.split()[1:] == ["HEAD", "None"] for line in said} == {True}
            finally:
                server.kill()


@pytest.mark.parametrize("gone", [(), ("python3",), ("python3", "curl")])
def test_a_registry(fleet: Fleet, gone: tuple[str, ...]) -> None:
    node1, node2 = fleet.lab.hosts
    with node1.without_programs(*gone), node2.without_programs(*gone):
        good = fleet.asked("registry.lab:5000/k8s")
        assert good[0][0] == "pass", good
        assert good[1][0] == "warn"  # it does not know the certificate
        assert "TLS fails" in good[1][1]
        moved, absent, private = (
            fleet.asked(f"registry.lab:5000/{name}")[0] for name in ("moved", "other", "private")
        )
        assert moved[0] == "pass"
        assert (absent[0], "404" in absent[1]) == ("warn", True)
        assert (private[0], "none were sent" in private[1]) == ("warn", True)
        assert "its name is not known" in fleet.asked("nobody.lab:5000/k8s")[0][1]
        assert "refused" in fleet.asked("registry.lab:5001/k8s")[0][1]
        rule = "OUTPUT -p tcp --dport 5000 -j DROP"
        with node1.changed(f"iptables -A {rule}", f"iptables -D {rule}"):
            assert "no answer" in fleet.asked("registry.lab:5000/k8s")[0][1]


def test_the_disk_of_etcd(fleet: Fleet, tmp_path: Path) -> None:
    cluster = f"etcd: {{local: {{dataDir: {tmp_path}/etcd}}}}"
    assert fleet.check("KS604", cluster) == []
    first, worker = fleet.check("KS604", cluster, "--etcd-fsync")
    assert first["verdict"] in {"pass", "warn"}, first
    assert worker["verdict"] == "skip"
    assert list(tmp_path.iterdir()) == []


def test_a_killed_kscan_leaves_no_file(fleet: Fleet, tmp_path: Path) -> None:
    cluster = f"etcd: {{local: {{dataDir: {tmp_path}/etcd}}}}"
    null = subprocess.DEVNULL
    run = subprocess.Popen(
        fleet.words(cluster, "--etcd-fsync"),
        stdin=null,
        stdout=null,
        stderr=null,
        cwd=Path(__file__).parents[3],
    )
    mark = str(tmp_path).encode()

    def measures() -> bool:
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = path.read_bytes()
            except OSError:
                continue
            if words.startswith(b"python3\0-I") and mark in words:
                return True
        return False

    try:
        for _ in range(600):
            if measures():
                break
            time.sleep(0.02)
        else:
            pytest.fail("nothing was measured")
    finally:
        run.kill()
        run.wait()
    assert list(tmp_path.iterdir()) == []
    for _ in range(200):
        if not measures():
            break
        time.sleep(0.1)
    assert not measures()
    assert list(tmp_path.iterdir()) == []
