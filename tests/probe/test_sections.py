"""Sections whose awk must read what other programs write, run on files of this test."""

from __future__ import annotations

import hashlib
import platform
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from scanner.facts.base import ParseError
from scanner.facts.certificates import parse_certificates
from scanner.facts.environment import PROXY_VARIABLES, parse_environment
from scanner.facts.fields import Fields
from scanner.facts.firewall import parse_firewall
from scanner.facts.hardware import Memory, parse_memory
from scanner.facts.images import parse_images
from scanner.facts.kernel import KernelConfig, parse_kernel_config
from scanner.facts.node import parse_node
from scanner.facts.runtime_config import parse_containerd
from scanner.facts.services import parse_services

SHELLS = ("dash", "bash", "busybox sh")
CONFIG = """version = 2
# disabled_plugins = ["comment"]
disabled_plugins = [ # two
  "cri", # Docker's
  'io.containerd.x',
]
imports = []
[plugins."io.containerd.grpc.v1.cri".containerd]
  default_runtime_name = "nvidia"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
    SystemdCgroup = false
  [plugins.'io.containerd.grpc.v1.cri'.containerd.runtimes.'nvidia'.options]
    SystemdCgroup = true # ours
  [plugins."io.containerd.grpc.v1.cri".registry]
    SystemdCgroup = false
"""
CHAINS = """table ip filter {
	chain INPUT {
		type filter hook input priority filter; policy drop;
	}
	chain FORWARD {
		type filter hook forward priority filter; policy drop;
	}
}
table inet other {
	chain in {
		type filter hook input priority 0; policy accept;
	}
}
"""


def run(shell: str, section: str, **places: str) -> str:
    """Run one section with other paths in place of its own."""
    program = shell.split(maxsplit=1)[0]
    if shutil.which(program) is None:
        pytest.skip(f"needs {program} (Debian package)")
    text = files("scanner.probe").joinpath("sections.sh").read_text(encoding="utf-8")
    functions = text.partition("# A section's whole answer")[0]
    for old, new in places.items():
        functions = functions.replace(old, new)
    done = subprocess.run(
        [*shell.split(), "-c", f"{functions}\nsection_{section}"],
        capture_output=True,
        check=True,
        text=True,
    )
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize("shell", SHELLS)
def test_certificates(shell: str, tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl to make certificates with (Debian package openssl)")
    for name, days in (("soon", "20"), ("late", "36500")):
        make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", days]
        files_of = ["-subj", "/CN=x", "-keyout", f"{tmp_path}/k", "-out", f"{tmp_path}/{name}.crt"]
        subprocess.run([*make, *files_of], check=True, capture_output=True)
    key, soon = (tmp_path / "k").read_text(), (tmp_path / "soon.crt").read_text()
    (tmp_path / "client.pem").write_text(key + soon + (tmp_path / "late.crt").read_text())
    (tmp_path / "bad.crt").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n")
    text = run(
        shell,
        "certificates",
        **{
            "/etc/kubernetes/pki": str(tmp_path),
            "/var/lib/kubelet/pki/kubelet-client-current.pem": str(tmp_path / "client.pem"),
        },
    )
    found = parse_certificates(text)
    assert found.unread == (f"{tmp_path}/bad.crt",)
    for name, like in (("soon.crt", "soon"), ("late.crt", "late"), ("client.pem", "soon")):
        asked = ["openssl", "x509", "-noout", "-enddate", "-in", f"{tmp_path}/{like}.crt"]
        end = subprocess.run(asked, check=True, capture_output=True, text=True).stdout
        expiry = found.expiry[f"{tmp_path}/{name}"]
        assert end.split() == f"notAfter={expiry:%b} {expiry.day} {expiry:%H:%M:%S %Y} GMT".split()
    assert not set(key.splitlines()[1:-1]) & set(text.splitlines())


@pytest.mark.parametrize("shell", SHELLS)
def test_containerd(shell: str, tmp_path: Path) -> None:
    (tmp_path / "c").write_text(CONFIG)
    text = run(shell, "containerd", **{"/etc/containerd/config.toml": str(tmp_path / "c")})
    found = parse_containerd(text)
    assert found.disabled_plugins == ("cri", "io.containerd.x")
    assert found.systemd_cgroup == {"runc": False, "nvidia": True}
    assert (found.cgroup_driver, found.imports) == ("systemd", False)


V2 = 'plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc'


@pytest.mark.parametrize(
    ("config", "plugins"),
    [
        ('disabled_plugins = [\n  "aufs",# see [1]\n  "cri",\n]\n', ("aufs", "cri")),
        ('"disabled_plugins" = ["cri"]\n', ("cri",)),
        ('disabled_plugins = ["cri"]\n[plugins.x]\ndisabled_plugins = []\n', ("cri",)),
        ("disabled_plugins = ['a#b', 'cri']\n", ("a#b", "cri")),
        ('disabled_plugins = ["a]", "cri"]\r\n', ("a]", "cri")),
        ("disabled_plugins = []\n", ()),
    ],
)
@pytest.mark.parametrize("shell", SHELLS)
def test_disabled_plugins_in_every_form(
    shell: str, config: str, plugins: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "c").write_text(config)
    text = run(shell, "containerd", **{"/etc/containerd/config.toml": str(tmp_path / "c")})
    found = parse_containerd(text)
    assert (found.disabled_plugins, found.unclear) == (plugins, False)


@pytest.mark.parametrize(
    ("config", "systemd"),
    [
        (f"[{V2}]\noptions = {{SystemdCgroup = true}}\n", True),
        (f"[{V2}]\noptions.SystemdCgroup = true\n", True),
        (f"[ {V2.replace('.', ' . ')} . options ]\nSystemdCgroup=true\n", True),
        (f"[{V2}.options]\nSystemdCgroup = false # true\n", False),
        (f"[{V2}.options]\n# SystemdCgroup = true\n", False),
        (f"[{V2}]\noptions = {{Root = '#', SystemdCgroup = true}}\n", True),
        ("[plugins]\nx.containerd.runtimes.runc.options.SystemdCgroup = true\n", None),
        (f"[{V2}.options]\nSystemdCgroup = maybe\n", None),
    ],
)
@pytest.mark.parametrize("shell", SHELLS)
def test_systemd_cgroup_in_every_form(
    shell: str, config: str, tmp_path: Path, *, systemd: bool | None
) -> None:
    """None: it is said in a form that the section does not read, and so is not known."""
    (tmp_path / "c").write_text(config)
    text = run(shell, "containerd", **{"/etc/containerd/config.toml": str(tmp_path / "c")})
    found = parse_containerd(text)
    assert found.unclear is (systemd is None)
    assert bool((found.systemd_cgroup or {}).get("runc")) is bool(systemd)


def test_a_list_without_an_end_is_unclear(tmp_path: Path) -> None:
    (tmp_path / "c").write_text('disabled_plugins = [\n"cri",\n')
    text = run("dash", "containerd", **{"/etc/containerd/config.toml": str(tmp_path / "c")})
    assert parse_containerd(text).unclear


@pytest.mark.parametrize("shell", SHELLS)
def test_the_environment_is_whole_or_unknown(shell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KSCAN_PATH", "/bin")
    for name in PROXY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://user:word@p:3128")
    near = ",".join(["x" * 100] * 40)
    monkeypatch.setenv("NO_PROXY", f"a@192.0.2.2,{near},10.0.0.0/16")
    found = parse_environment(run(shell, "environment"))
    assert found.proxies["HTTPS_PROXY"] == "http://p:3128"
    assert found.proxies["NO_PROXY"] == f"a@192.0.2.2,{near},10.0.0.0/16"
    monkeypatch.setenv("no_proxy", "x" * 16385)
    with pytest.raises(ParseError, match="NO_PROXY is too long"):
        parse_environment(run(shell, "environment"))


@pytest.mark.parametrize(
    ("line", "imports"),
    [
        ('imports = ["{folder}/empty/*.toml"]', False),
        ('imports = ["{folder}/empty/*.toml", "{folder}/full/*.toml"]', True),
        ('imports = [ # two\n  "{folder}/empty/*.toml",\n  "full/a.toml",\n]', True),
        ('imports = ["full/*.toml"]', True),
        ('imports = ["$(touch {folder}/empty/x.toml)"]', False),
        ('# imports = ["full/a.toml"]', False),
    ],
)
@pytest.mark.parametrize("shell", SHELLS)
def test_containerd_imports_count_where_there_is_a_file(
    shell: str, line: str, tmp_path: Path, *, imports: bool
) -> None:
    for name in ("empty", "full"):
        (tmp_path / name).mkdir()
    (tmp_path / "full/a.toml").touch()
    (tmp_path / "config.toml").write_text(f"version = 3\n{line.format(folder=tmp_path)}\nx = 1\n")
    text = run(shell, "containerd", **{"/etc/containerd": str(tmp_path)})
    # The section names the file under the path that the test gave it.
    text = text.replace(str(tmp_path), "/etc/containerd")
    assert parse_containerd(text).imports is imports
    assert not (tmp_path / "empty/x.toml").exists()


@pytest.mark.parametrize("shell", SHELLS)
def test_firewall(shell: str, tmp_path: Path) -> None:
    (tmp_path / "ufw").write_text("# x\nENABLED=yes\n")
    (tmp_path / "chains").write_text(CHAINS)
    text = run(
        shell,
        "firewall",
        **{
            "/etc/ufw/ufw.conf": str(tmp_path / "ufw"),
            "nft list chains": f"cat {tmp_path}/chains",
            "have nft": "have cat",
            "/proc/modules": "/nonexistent",
        },
    )
    found = parse_firewall(text)
    assert (found.ufw, found.dropping) == (True, ("ip filter INPUT",))


KUBELET = """
import http.server, pathlib
class Healthz(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"ok" if self.path == "/healthz" else b"no")
    def log_message(self, *words):
        pass
server = http.server.HTTPServer(("127.0.0.1", 0), Healthz)
pathlib.Path("/proc/self/comm").write_text("kubelet")
print(server.server_port, flush=True)
server.serve_forever()
"""


@pytest.fixture
def kubelet() -> Iterator[int]:
    """The port of a process that has the kubelet's name and answers as it does."""
    command = [sys.executable, "-c", KUBELET]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())
        process.kill()


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("client", ["curl", "wget", ""])
def test_node(shell: str, client: str, kubelet: int, tmp_path: Path) -> None:
    if client and shutil.which(client) is None:
        pytest.skip(f"needs {client} (Debian package)")
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl to make a certificate with (Debian package openssl)")
    ca = tmp_path / "ca.crt"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x"]
    make += ["-keyout", str(tmp_path / "key"), "-out", str(ca)]
    subprocess.run(make, check=True, capture_output=True)
    ca.write_text(f"a line before\n{ca.read_text()}{ca.read_text()}")
    places = {"/etc/kubernetes/pki/ca.crt": str(ca), "127.0.0.1:10248": f"127.0.0.1:{kubelet}"}
    for other in {"curl", "wget"} - {client}:
        places[f"have {other}"] = "false"
    found = parse_node(run(shell, "node", **places))
    assert found.holders[kubelet] == {"kubelet"}
    assert found.healthz == ("ok" if client else "unasked")
    pem = subprocess.run(
        ["openssl", "x509", "-in", str(ca)], check=True, capture_output=True, text=True
    ).stdout
    body = "".join(pem.split("\n")[1:-2])
    assert found.ca == hashlib.sha256(body.encode()).hexdigest()


@pytest.mark.parametrize("shell", SHELLS)
def test_a_host_that_is_no_node_asks_nobody(shell: str, tmp_path: Path) -> None:
    nobody = {"kubelet|kube-apiserver": "kubelet-that-nobody-runs|kube-apiserver"}
    places = {"/etc/kubernetes/": f"{tmp_path}/", **nobody, '[ "$name" = kubelet ]': "false"}
    text = run(shell, "node", **places).replace(str(tmp_path), "/etc/kubernetes")
    found = parse_node(text)
    assert (found.healthz, found.ca) == (None, "")


@pytest.mark.parametrize("shell", SHELLS)
def test_cri(shell: str, tmp_path: Path) -> None:
    """A stand-in for curl: what a real one says of a real containerd is asked in tests/e2e."""
    answer = tmp_path / "answer"
    answer.write_bytes(b"HTTP/2 200 \r\n\r\n\0\0\0\0\3\x0a\1\xffgrpc-status: 0\r\n")
    curl = tmp_path / "curl"
    curl.write_text(
        f"#!/bin/sh\ntest $(wc -c) = 5 && cat {answer}\n"
        "printf '\\022*k8s.gcr.io/kube-controller-manager:v1.20.2\\022\\024k8s.gcr.io/pause:3.2'"
        " >/dev/fd/3\nexit 92\n"
    )
    curl.chmod(0o755)
    here = tmp_path / "a.sock"
    with socket.socket(socket.AF_UNIX) as held:
        held.bind(str(here))
        text = run(
            shell,
            "cri",
            **{
                "$KSCAN_IMAGES": "yes",
                "${KSCAN_IMAGES": "${HOME",
                "$KSCAN_CRI_SOCKETS": f"{tmp_path}/none.sock {here}",
                "curl -q": f"{curl} -q",
                "have curl": "have cat",
                "program crictl": "false",
            },
        )
    crictl, name, digits, *names = text.splitlines()
    assert (crictl, name) == ("crictl=absent", f"socket={here}")
    sent = bytes.fromhex(digits.removeprefix("grpc="))
    assert sent == answer.read_bytes() + b"curl=92"
    assert parse_images(Fields.of("\n".join(names)), complete=True) == frozenset(
        ("k8s.gcr.io/kube-controller-manager:v1.20.2", "k8s.gcr.io/pause:3.2")
    )


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("nodes", "mounted", "kib"),
    [
        (("8000000", "8000001"), True, 16000001),  # lxcfs tells the container's limit
        (("8000000", "8000001"), False, 524288),
        (("8000000", "junk"), True, 8000000),
        (("400000",), True, 524288),
        ((), True, 524288),
    ],
)
def test_memory_behind_lxcfs(
    shell: str, nodes: tuple[str, ...], mounted: bool, kib: int, tmp_path: Path
) -> None:
    meminfo, mountinfo = tmp_path / "meminfo", tmp_path / "mountinfo"
    meminfo.write_text("MemTotal:         524288 kB\nMemFree:          1 kB\n")
    for number, value in enumerate(nodes):
        node = tmp_path / f"node{number}"
        node.mkdir()
        node.joinpath("meminfo").write_text(
            f"Node {number} MemTotal:       {value} kB\nNode {number} MemFree: 1 kB\n"
        )
    of_lxcfs = f"90 30 0:40 /proc/meminfo {meminfo} rw,nosuid - fuse.lxcfs lxcfs rw\n"
    mountinfo.write_text(f"30 1 8:1 / / rw - ext4 /dev/sda1 rw\n{of_lxcfs if mounted else ''}")
    out = run(
        shell,
        "memory",
        **{
            "/proc/meminfo": str(meminfo),
            "/proc/self/mountinfo": str(mountinfo),
            "/sys/devices/system/node": str(tmp_path),
        },
    )
    assert parse_memory(out) == Memory(kib)


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("docker", "status", "unsaid"),
    [
        ("not-found", "echo could not be found >&2; exit 4", {"docker"}),
        ("not-found", "echo '   Loaded: not-found (Reason: none)'; exit 3", set()),
        ("loaded", "exit 4", set()),
    ],
)
def test_a_docker_unit_of_which_nothing_is_said(
    shell: str, docker: str, status: str, unsaid: set[str], tmp_path: Path
) -> None:
    systemctl = tmp_path / "systemctl"
    systemctl.write_text(
        "#!/bin/sh\n"
        f'case "$*" in *status*docker*) {status};; esac\n'
        "printf 'Names=kubelet.service\\nLoadState=not-found\\n\\n'\n"
        f"printf 'Names=docker.service\\nLoadState={docker}\\n\\n'\n"
        "printf 'Names=firewalld.service\\nLoadState=not-found\\n'\n"
    )
    systemctl.chmod(0o755)
    out = run(shell, "services", **{"systemctl": str(systemctl), "have docker": "true"})
    found = parse_services(out)
    assert found.units["docker"].exists == (docker == "loaded")
    assert set(found.unsaid) == unsaid


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("module", "modprobe", "loadable"),
    [
        ("configs.ko.gz", "false", True),  # busybox's modprobe, which has no -n
        ("", "true", True),
        ("", "false", False),
        ("configs.ko", "", False),  # kubeadm could not load it either
    ],
)
def test_a_kernel_whose_configuration_is_a_module(
    shell: str, module: str, modprobe: str, loadable: bool, tmp_path: Path
) -> None:
    folder = tmp_path / platform.release() / "kernel" / "kernel"
    folder.mkdir(parents=True)
    if module:
        (folder / module).touch()
    nowhere = str(tmp_path / "nowhere")
    out = run(
        shell,
        "kernelconfig",
        **{
            "/lib/modules": str(tmp_path),
            **dict.fromkeys(("/proc/config.gz", "/boot", "/usr/src"), nowhere),
            "have modprobe": "true" if modprobe else "false",
            "modprobe -n -q configs": modprobe or "true",
        },
    )
    assert parse_kernel_config(out) == KernelConfig("", {}, loadable=loadable)
