"""Whatever the file holds, it is a request or an InventoryError in printable lines."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from scanner.errors import InventoryError
from scanner.inventory.load import load
from scanner.inventory.model import HostEntry, Inventory, Section, Settings

Tree: TypeAlias = object

TEXTS = st.one_of(
    st.sampled_from(
        ["node[1-3]", "192.0.2.[1-3]", "2001:db8::1", "1.30", "v1.31.2", "off", "true", "~", "<<"]
    ),
    st.sampled_from(["22", "[", "env:HOME", "file:x", "prompt", "control-plane", "10.0.0.0/8"]),
    st.text(max_size=12),
)


def keys(*models: type[Section]) -> st.SearchStrategy[str]:
    known = [field.alias or "" for model in models for field in model.model_fields.values()]
    return st.one_of(st.sampled_from(known), TEXTS)


VALUES: st.SearchStrategy[Tree] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), TEXTS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(keys(Inventory, HostEntry, Settings), inner, max_size=4),
    ),
    max_leaves=12,
)
INVENTORIES = st.fixed_dictionaries(
    {"hosts": st.lists(st.dictionaries(keys(HostEntry), VALUES, max_size=5), max_size=3)},
    optional={
        field.alias or "": VALUES
        for name, field in Inventory.model_fields.items()
        if name != "hosts"
    },
)
QUICK = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def read(data: bytes) -> None:
    Path("i.yaml").write_bytes(data)
    message = "none"
    try:
        load(Path("i.yaml"), named=False)
    except InventoryError as error:
        message = str(error)
    assert all(line.isprintable() and line for line in message.split("\n"))


@QUICK
@given(st.binary(max_size=60))
@example(b"? ")
@example(b"&a : *a")
@example(b"- - - " * 5000)
@example(b"{" * 5000)
@example(b"a: " * 5000)
@example(b"\xef\xbb\xbf\xef\xbb\xbfa: 1")
@example(b"%YAML 9.9\n---\na: 1")
@example(b"hosts: [{name: !!int x, address: !!null y}]")
@example(b"? &k hosts\n: *k")
def test_bytes(data: bytes) -> None:
    read(data)


@QUICK
@given(st.text(alphabet="ab:-[]{}&*!|>'\"%@`#,?\n\t 0~<", max_size=60))
def test_yaml_like_text(text: str) -> None:
    read(text.encode())


@QUICK
@given(INVENTORIES)
def test_inventories(tree: dict[str, Tree]) -> None:
    read(yaml.safe_dump(tree, allow_unicode=True).encode("utf-8", "replace"))
