"""`kscan verify`: what a user can get wrong, and hosts that have no cluster."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from scanner.verify import credentials
from tests.command import Kscan

LOCAL = "hosts: [{name: a, address: 127.0.0.1, roles: [control-plane]}]\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(credentials, "ADMIN_CONF", str(tmp_path / "admin.conf"))
    return tmp_path


def test_an_inventory_without_a_control_plane(kscan: Kscan, home: Path) -> None:
    (home / "i.yaml").write_text("hosts: [{name: a, address: 127.0.0.1, roles: [worker]}]\n")
    ended = kscan("verify", "i.yaml")
    assert (ended.status, ended.out) == (2, "")
    assert "i.yaml: no host has the role control-plane" in ended.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--format", "html"), "--format html: verify writes terminal or json"),
        (("--kubeconfig", "no"), "--kubeconfig no: cannot be read: No such file"),
        (("--smoke", "--smoke-image", "a b"), "--smoke-image 'a b': expected a reference"),
        (("no.yaml",), "no.yaml"),
        (("--output", "no/such/file"), "cannot be written"),
    ],
)
def test_options_that_cannot_be_used(
    kscan: Kscan, home: Path, words: tuple[str, ...], said: str
) -> None:
    ended = kscan("verify", *words)
    assert (ended.status, ended.out) == (2, "")
    assert said in ended.err
    assert "Traceback" not in ended.err
    assert not list(home.iterdir())


def test_a_stdout_that_is_closed_is_said_before_any_host_is_asked(tmp_path: Path) -> None:
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m scanner verify >&-"],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONPATH": str(Path.cwd())},
        cwd=tmp_path,
    )
    assert (done.returncode, done.stderr) == (2, "kscan: stdout is closed; see --output\n")


def test_this_machine_without_a_cluster(kscan: Kscan, home: Path) -> None:
    ended = kscan("verify")
    assert ended.status == 2
    assert f"{home}/admin.conf of " in ended.err
    assert "does not exist: is it a control plane" in ended.err


def test_an_admin_conf_of_a_host_that_names_a_program(kscan: Kscan, home: Path) -> None:
    """It is the host's file: nothing in it may be run here."""
    (home / "admin.conf").write_text(
        "kind: Config\ncurrent-context: c\n"
        "contexts: [{name: c, context: {cluster: c, user: u}}]\n"
        "clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1', "
        "certificate-authority-data: YQ==}}]\n"
        f"users: [{{name: u, user: {{exec: {{command: touch, args: [{home}/run]}}}}}}]\n"
    )
    ended = kscan("verify")
    assert ended.status == 2
    assert "logs in by exec, which kscan does not use" in ended.err
    assert not (home / "run").exists()


def test_a_control_plane_that_is_not_reached(kscan: Kscan, home: Path) -> None:
    (home / "i.yaml").write_text(LOCAL.replace("127.0.0.1,", "127.0.0.1, port: 1,"))
    ended = kscan("verify", "i.yaml", "--format", "json")
    assert ended.status == 4
    report = json.loads(ended.out)
    assert {result["verdict"] for result in report["verify"]} == {"unknown"}
    assert all("refuses connections" in result["message"] for result in report["verify"])
    assert report["ready"] is False
    assert report["summary"]["verify"]["unknown"] == len(report["verify"])
