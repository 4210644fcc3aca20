"""Records what a real kubeadm prints and takes: `python -m tests.kubeadm.record /path/to/kubeadm`.

It changes nothing on the machine. tests/kubeadm/test_recorded.py holds the records against kscan.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

from scanner.kubeadm.feature_gates import GATES, known
from scanner.request import Cluster
from scanner.versions import Version, parse_version
from tests.kubeadm.configurations import CONFIGURATIONS, Configuration

HERE = Path(__file__).parent
GOLDEN = HERE.parent / "golden" / "kubeadm"
COMMANDS = (
    *("init", "init phase preflight", "init phase upload-certs"),
    *("join", "join phase preflight", "reset", "token create", "version"),
)
"""Those that kscan runs."""
_WORDS = 160
_BESIDE = ("W", "I", "To see")
"""Lines of a log, and where to look further."""
_UNKNOWN = "unknown field"
"""kubeadm only warns of a field that it does not know."""
_GATED = re.compile(r'^ "featureGates": \{[^}]*\},\n', re.MULTILINE)
_OPTION = re.compile(r"^ +(?:-\w, )?(--[\w-]+)", re.MULTILINE)
_PHASE = re.compile(r"^([a-z][\w-]+) {2,}\S", re.MULTILINE)
_GATE = re.compile(r"(\w+)=true\|false \(\w+ - default=(true|false)\)")


def own_text(golden: Path) -> str:
    """A golden file, in which a gate that no kubeadm has stands for the quotes around its name.

    It becomes one that this kubeadm has, and goes where it has none.
    """
    text = golden.read_text(encoding="utf-8")
    version = parse_version(f"{golden.parent.name}.0")
    gates = [gate for gate in ("PublicKeysECDSA", *GATES) if known(gate, version)]
    return text.replace('"on": true', f'"{gates[0]}": true') if gates else _GATED.sub("", text)


def kubeadm(program: str, *words: str) -> tuple[bool, str]:
    """Whether it ended well, and what it printed: standard output, else the error's first line."""
    done = subprocess.run([program, *words], capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return True, done.stdout
    lines = [line for line in done.stderr.splitlines() if not line.startswith(_BESIDE)]
    return False, lines[0][:_WORDS] if lines else f"exit status {done.returncode}"


def _options(text: str) -> str:
    return " ".join(_OPTION.findall(text.partition("Global Flags:")[0]))


def _images(program: str, version: Version, folder: Path) -> dict[str, list[str]]:
    found = {}
    for repository in ("", "registry.example/k8s"):
        path = folder / "images.yaml"
        asked = Configuration("images", Cluster(image_repository=repository))
        path.write_text(asked.text(version), encoding="utf-8")
        _, listed = kubeadm(program, "config", "images", "list", "--config", str(path))
        found[repository] = listed.split()
    return found


def _etcd_before(program: str, version: Version) -> str:
    """The tag of etcd for the minor of Kubernetes before its own."""
    before = f"v{version.major}.{version.minor - 1}.0"
    _, listed = kubeadm(program, "config", "images", "list", "--kubernetes-version", before)
    return next(word.rpartition(":")[2] for word in listed.split() if "/etcd:" in word)


def _defaults(program: str) -> dict[str, Any]:
    """The documents that it prints, by their kind."""
    found = {}
    for name in ("init-defaults", "join-defaults"):
        for document in yaml.safe_load_all(kubeadm(program, "config", "print", name)[1]):
            found[document["kind"]] = document
    # The name of the machine that it was recorded on.
    del found["JoinConfiguration"]["nodeRegistration"]["name"]
    return found


def _documents(program: str, version: Version, folder: Path) -> dict[str, list[Any]]:
    """kscan's documents for this minor, as kubeadm writes them after it has read them."""
    found = {}
    for golden in sorted((GOLDEN / f"v1.{version.minor}").glob("*.yaml")):
        path = folder / golden.name
        path.write_text(own_text(golden), encoding="utf-8")
        taken, said = kubeadm(program, "config", "migrate", "--old-config", str(path))
        if not taken:
            raise SystemExit(f"{golden.name}: {said}")
        found[golden.stem] = list(yaml.safe_load_all(said))
    return found


def _reads(program: str, version: Version, folder: Path) -> list[str]:
    """The minors whose documents it takes, and knows every field of."""
    found = []
    path = folder / "read.yaml"
    for minor in sorted(GOLDEN.iterdir(), key=lambda path: int(path.name.rpartition(".")[2])):
        complaints = ""
        for golden in minor.glob("*.yaml"):
            # Each kubeadm deploys two minors only, and is asked about the rest of the document.
            text = own_text(golden).replace(f'"{minor.name}.2"', f'"v{version}"')
            path.write_text(text, encoding="utf-8")
            words = [program, "config", "migrate", "--old-config", str(path)]
            done = subprocess.run(words, capture_output=True, text=True, check=False)
            complaints += done.stderr if done.returncode or _UNKNOWN in done.stderr else ""
        found += [] if complaints else [minor.name]
    return found


def _refused(program: str, version: Version, folder: Path) -> dict[str, str]:
    """Each configuration's name, and the words with which it is refused; empty if it is taken."""
    found = {}
    for configuration in CONFIGURATIONS:
        path = folder / "tried.yaml"
        path.write_text(configuration.text(version), encoding="utf-8")
        taken, said = kubeadm(program, "config", "migrate", "--old-config", str(path))
        found[configuration.name] = "" if taken else said
    return found


def record(program: str) -> dict[str, Any]:
    """All that is recorded of one kubeadm."""
    version = kubeadm(program, "version", "-o", "short")[1].strip()
    helps = {command: kubeadm(program, *command.split(), "--help")[1] for command in COMMANDS}
    with tempfile.TemporaryDirectory() as name:
        return {
            "version": version,
            "images": _images(program, parse_version(version), Path(name)),
            "etcd before": _etcd_before(program, parse_version(version)),
            "options": {command: _options(text) for command, text in helps.items()},
            "reset": _PHASE.findall(helps["reset"]),
            "gates": {gate: on == "true" for gate, on in _GATE.findall(helps["init"])},
            "defaults": _defaults(program),
            "documents": _documents(program, parse_version(version), Path(name)),
            "reads": _reads(program, parse_version(version), Path(name)),
            "refused": _refused(program, parse_version(version), Path(name)),
        }


def main() -> None:
    """Write recorded/VERSION.yaml."""
    for program in sys.argv[1:]:
        found = record(program)
        path = HERE / "recorded" / f"{found['version']}.yaml"
        head = "# What this kubeadm, built from its source, printed; written by ../record.py.\n"
        body = yaml.safe_dump(found, sort_keys=False, width=100)
        path.write_text(head + body, encoding="utf-8")


if __name__ == "__main__":
    main()
