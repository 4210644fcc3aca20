from __future__ import annotations

from pathlib import Path

import pytest

from scanner.cluster.sources import read_sources
from scanner.errors import InventoryError
from scanner.request import Cluster, Manifest

MANIFEST = "kind: A\napiVersion: v1\n"


def write(folder: Path, name: str, text: str | bytes) -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def test_everything_is_read(tmp_path: Path) -> None:
    patch = write(tmp_path, "patches/etcd+merge.yaml", "a: b\n")
    write(tmp_path, "patches/below/ignored.yaml", "")
    found = read_sources(
        Cluster(
            cni_manifest=write(tmp_path, "cni.yaml", f"# first\n---\n{MANIFEST}---\n"),
            addons=(Manifest("web", "https://example/web.yaml"),),
            extra_documents=(write(tmp_path, "kubelet.yaml", "kind: K\napiVersion: k/v1\n"),),
            patches=str(Path(patch).parent),
        )
    )
    assert found.cni is not None
    assert found.cni.text.endswith(f"{MANIFEST}---\n")
    assert found.addons[0].is_url
    assert [document.kind for document in found.documents] == ["K"]
    assert [(file.name, file.text) for file in found.patches] == [
        ("patches/etcd+merge.yaml", "a: b\n")
    ]


def test_nothing_is_asked_for() -> None:
    assert read_sources(Cluster()).cni is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: [\n", "bad.yaml:2: not YAML: "),
        ("a\x00", "bad.yaml: not YAML: "),
        (b"\xff\xfe\xff", "bad.yaml: not UTF-8"),
        ("", "bad.yaml: no object in it"),
        ("# only\n---\n", "bad.yaml: no object in it"),
        ("---\n- a\n", "bad.yaml:2: expected an object of Kubernetes"),
        (f"{MANIFEST}---\nkind: B\n", "bad.yaml:4: expected an object of Kubernetes"),
    ],
)
def test_a_manifest_that_kubectl_would_refuse_later(
    tmp_path: Path, text: str | bytes, expected: str
) -> None:
    with pytest.raises(InventoryError) as raised:
        read_sources(Cluster(cni_manifest=write(tmp_path, "bad.yaml", text)))
    (line,) = str(raised.value).splitlines()
    assert line.startswith(f"{tmp_path}/{expected}")


def test_all_complaints_come_at_once(tmp_path: Path) -> None:
    with pytest.raises(InventoryError) as raised:
        read_sources(
            Cluster(
                cni_manifest=str(tmp_path / "absent.yaml"),
                addons=(Manifest("web", str(tmp_path)),),
                extra_documents=(write(tmp_path, "no.yaml", "a: b\n"),),
                patches=str(tmp_path / "nowhere"),
            )
        )
    lines = str(raised.value).splitlines()
    assert len(lines) == 4
    assert lines[0].endswith("absent.yaml: cannot be read: No such file or directory")
    assert "without kind or apiVersion" in lines[2]


def test_a_file_without_end_is_refused() -> None:
    with pytest.raises(InventoryError, match="/dev/zero: larger than 8 MiB"):
        read_sources(Cluster(cni_manifest="/dev/zero"))


def test_patches_that_are_none_are_passed_over(tmp_path: Path) -> None:
    for name in ("etcd.yaml", ".gitkeep", ".etcd.yaml.swp"):
        write(tmp_path, name, b"\xff" if name.endswith("swp") else "a: b\n")
    found = read_sources(Cluster(patches=str(tmp_path)))
    assert [file.name for file in found.patches] == ["patches/etcd.yaml"]


@pytest.mark.parametrize("name", ["etcd copy.yaml", "#etcd.yaml#", "etcd.yaml~", "-x.yaml"])
def test_a_patch_that_no_host_takes_is_said_before(tmp_path: Path, name: str) -> None:
    write(tmp_path, name, "a: b\n")
    with pytest.raises(InventoryError, match="not a name for a patch"):
        read_sources(Cluster(patches=str(tmp_path)))
