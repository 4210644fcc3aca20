"""The schema and the page are made of the model, and accept what the model accepts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from scanner.inventory import schema
from scanner.inventory.nodes import compose

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "inventories").glob("*.yaml"))
VALIDATOR = jsonschema.Draft202012Validator(schema.schema())


class Editor(yaml.SafeLoader):
    """YAML 1.2's core schema, which editors follow: no dates, no octals, no on and off."""


Editor.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("null", r"~|null|Null|NULL|", "~nN"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
):
    starts = [*first, ""] if tag == "null" else [*first]
    resolver = re.compile(rf"(?:{pattern})\Z")
    Editor.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", resolver, starts)


def as_editor(text: str) -> Any:
    return yaml.load(text, Loader=Editor)  # noqa: S506 - a SafeLoader


def test_the_file_is_up_to_date() -> None:
    assert schema.PATH.read_text(encoding="utf-8") == schema.schema_text()


def test_the_page_is_up_to_date() -> None:
    page = (ROOT / "docs" / "inventory.md").read_text(encoding="utf-8")
    assert schema.with_tables(page) == page


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema.schema())


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_it_accepts_the_examples_as_text_and_as_an_editor_reads_them(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    VALIDATOR.validate(compose(text, path.name).data)
    VALIDATOR.validate(as_editor(text))


def test_it_accepts_the_example_of_every_key() -> None:
    text = """
cluster:
  name: 7
  kubernetesVersion: v1.20.2
  bindPort: 6443
  controlPlaneEndpoint: ""
  networking:
  imagePullPolicy: Never
  featureGates: {A: true, B: "false"}
  addons: [{name: dashboard, manifest: dashboard.yaml}]
  kubeadm: {extraDocuments: [kubelet.yaml], patches: patches/}
defaults: {user: ops, port: "22", sudo: off, hostKeys: off, password: prompt, labels: {a: 1}}
groups: {workers: }
hosts: [{name: node1, address: 192.0.2.1, local: false, taints: ["a:NoSchedule"]}]
ignore: [{check: Swap, until: 2027-01-31}]
"""
    VALIDATOR.validate(compose(text, "i").data)
    VALIDATOR.validate(as_editor(text))


@pytest.mark.parametrize(
    "change",
    [
        "cluster: {kubernetesVersion: 1.30}",
        "cluster: {kubernetesVersion: 1.30.x}",
        "cluster: {bindPort: 70000}",
        "cluster: {bindPorts: 1}",
        "defaults: {password: hunter2}",
        "defaults: {roles: []}",
        "defaults: {roles: [master]}",
        "defaults: {jump: [a, b, a]}",
        "ignore: [{reason: x}]",
    ],
)
def test_it_refuses(change: str) -> None:
    text = f"hosts: [{{name: a, address: b}}]\n{change}\n"
    assert not VALIDATOR.is_valid(as_editor(text))
    assert VALIDATOR.is_valid(as_editor(text.partition("\n")[0]))


def test_it_is_rewritten_on_request(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(schema, "PATH", folder / "schema.json")
    schema.main([])
    assert (folder / "schema.json").read_text() == schema.schema_text()
    page = folder / "page.md"
    page.write_text(f"a\n{schema.BEGIN}\nold\n{schema.END}\nb\n")
    schema.main(["--markdown", str(page)])
    schema.main(["--markdown"])
    tables = capsys.readouterr().out
    assert page.read_text() == f"a\n{schema.BEGIN}\n\n{tables}\n{schema.END}\nb\n"
