from __future__ import annotations

import os
from pathlib import Path

import pytest

from scanner.cluster.sources import read_sources
from scanner.errors import InventoryError
from scanner.request import Cluster, Manifest
from scanner.versions import parse_version

MANIFEST = "kind: A\napiVersion: v1\n"
KUBELET = "kind: KubeletConfiguration\napiVersion: kubelet.config.k8s.io/v1beta1\n"


def write(folder: Path, name: str, text: str | bytes) -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def test_everything_is_read(tmp_path: Path) -> None:
    patch = write(tmp_path, "patches/etcd+merge.yaml", "a: b\n")
    found = read_sources(
        Cluster(
            cni_manifest=write(tmp_path, "cni.yaml", f"# first\n---\n{MANIFEST}---\n"),
            addons=(Manifest("web", "https://example/web.yaml"),),
            extra_documents=(write(tmp_path, "kubelet.yaml", KUBELET),),
            patches=str(Path(patch).parent),
        )
    )
    assert found.cni is not None
    assert found.cni.text.endswith(f"{MANIFEST}---\n")
    assert found.addons[0].is_url
    assert [document.kind for document in found.documents] == ["KubeletConfiguration"]
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
        ("kind: [a]\napiVersion: v1\n", "bad.yaml:1: expected an object of Kubernetes"),
        ("kind:\napiVersion: v1\n", "bad.yaml:1: expected an object of Kubernetes"),
        ('kind: a\napiVersion: ""\n', "bad.yaml:1: expected an object of Kubernetes"),
        ("[a, b]\n", "bad.yaml:1: expected an object of Kubernetes"),
        ('{{ include "x" . }}\n', "bad.yaml:1: a key that is no word"),
        (f"{MANIFEST}{{{{ include . }}}}: b\n", "bad.yaml:3: a key that is no word"),
        (f"{MANIFEST}? [a, b]\n: c\n", "bad.yaml:3: a key that is no word"),
        (f"{MANIFEST}a:\n- b: {{{{ c }}}}\n", "bad.yaml:4: a key that is no word"),
        (f"{MANIFEST}a:\n- *b : c\n", "bad.yaml:4: a key that is no word"),
        ("[" * 100_000, "bad.yaml:1: nested deeper than 100 levels"),
        (f"{MANIFEST}a: {'[' * 100_000}", "bad.yaml:3: nested deeper than 100 levels"),
        ("- " * 100_000, "bad.yaml:1: nested deeper than 100 levels"),
        ("{a: " * 100_000, "bad.yaml:1: nested deeper than 100 levels"),
    ],
    ids=lambda value: str(value)[:30],
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


@pytest.mark.parametrize(
    "more",
    [
        "a: {b: [c, {d: [e], f: g}, []], h: {}}\n",
        f"a: {'[' * 99}{']' * 99}\n",
        "a: &b {c: d}\ne: *b\nf: {<<: *b}\n",
        "---\nnull\n--- # nothing\n",
        "---\na: &k A\n<<: {kind: B, apiVersion: v1}\n",
    ],
)
def test_a_manifest_is_taken_as_it_is(tmp_path: Path, more: str) -> None:
    read_sources(Cluster(cni_manifest=write(tmp_path, "good.yaml", MANIFEST + more)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: {{ b }}\n", "x.yaml:1: a key that is no word"),
        ("[" * 100_000, "x.yaml:1: nested deeper than 100 levels"),
        ("a: [\n", "x.yaml:2: not YAML"),
        ("# soon\n", "x.yaml: no document in it"),
        (f"{KUBELET}--- {{kind: A, apiVersion: a/v1}}\n", "x.yaml: begin each document on a line"),
        (KUBELET.replace("v1beta1", "v1"), "x.yaml:1: kubeadm passes over KubeletConfiguration of"),
        (f"metadata: {{kind: A}}\n{KUBELET[27:]}", "x.yaml:1: a document without kind or"),
    ],
    ids=lambda value: value[:30],
)
def test_an_extra_document_that_kubeadm_cannot_take(
    tmp_path: Path, text: str, expected: str
) -> None:
    with pytest.raises(InventoryError) as raised:
        read_sources(Cluster(extra_documents=(write(tmp_path, "x.yaml", text),)))
    (line,) = str(raised.value).splitlines()
    assert line.startswith(f"{tmp_path}/{expected}")


def test_a_fifo_keeps_nobody_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "etcd.yaml")
    with pytest.raises(InventoryError, match=r"etcd\.yaml: no regular file"):
        read_sources(Cluster(patches=str(tmp_path)))
    with pytest.raises(InventoryError, match=r"etcd\.yaml: no regular file"):
        read_sources(Cluster(cni_manifest=str(tmp_path / "etcd.yaml")))


def test_what_git_and_editors_hide_is_passed_over_without_a_word(tmp_path: Path) -> None:
    for name in ("etcd.yaml", ".gitkeep", ".etcd.yaml.swp", ".git/config"):
        write(tmp_path, name, b"\xff" if name.endswith("swp") else "a: b\n")
    found = read_sources(Cluster(patches=str(tmp_path)))
    assert [file.name for file in found.patches] == ["patches/etcd.yaml"]
    assert found.notes == ()


@pytest.mark.parametrize("name", ["etcd copy.yaml", "a b/etcd.yaml", ".git/etcd.yaml"])
def test_a_patch_that_no_host_takes_is_said_before(tmp_path: Path, name: str) -> None:
    write(tmp_path, name, "a: b\n")
    with pytest.raises(InventoryError, match="kubeadm would take it for a patch, and kscan"):
        read_sources(Cluster(patches=str(tmp_path)))


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("README.md", "# ours\n", "it does not end in .json or .yaml"),
        ("etcd.yml", "a: b\n", "it does not end in .json or .yaml"),
        ("etcd.yaml~", "a: [\n", "it does not end in .json or .yaml"),
        ("kube-apisrver.yaml", "a: b\n", "no target of its patches, did you mean 'kube-apis"),
        ("kube-proxy+replace.yaml", "a: [\n", "no target of its patches, "),
        ("-x y.yaml", "a: b\n", "no target of its patches, "),
        ("etcd+merge.yaml", "", "it is empty"),
        ("corednsdeployment.yaml", "a: b\n", "no kubeadm for v1.30.0 has patches of coredns"),
    ],
)
def test_what_kubeadm_passes_over_is_passed_over_and_said(
    tmp_path: Path, name: str, text: str, why: str
) -> None:
    path = write(tmp_path, name, text)
    write(tmp_path, "etcd.json", '{"a": "b"}')
    found = read_sources(
        Cluster(patches=str(tmp_path), kubernetes_version=parse_version("v1.30.0"))
    )
    assert [file.name for file in found.patches] == ["patches/etcd.json"]
    (note,) = found.notes
    assert note.startswith(f"{path}: passed over, as kubeadm does: {why}")


def test_patches_are_read_in_kubeadms_order_and_not_through_links(tmp_path: Path) -> None:
    """A file stands before a directory only where its name does."""
    folder = tmp_path / "patches"
    for name in ("b/etcd.yaml", "b/c/etcd1.yaml", "etcd.yaml", "a.d/etcd.yaml", "b.d/etcd.yaml"):
        write(folder, name, "a: b\n")
    write(tmp_path, "elsewhere/etcd.yaml", "a: b\n")
    (folder / "linked").symlink_to(tmp_path / "elsewhere")
    (folder / "round").symlink_to(folder)
    found = read_sources(Cluster(patches=str(folder)))
    assert [file.name for file in found.patches] == [
        "patches/a.d/etcd.yaml",
        "patches/b/c/etcd1.yaml",
        "patches/b/etcd.yaml",
        "patches/b.d/etcd.yaml",
        "patches/etcd.yaml",
    ]
    assert [note.partition(": ")[0] for note in found.notes] == [
        str(folder / "linked"),
        str(folder / "round"),
    ]


def test_a_directory_of_somebody_else_is_not_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scanner.cluster.patch_files._MOST", 2)
    for name in ("etcd.yaml", "a/b", "a/c"):
        write(tmp_path, name, "a: b\n")
    with pytest.raises(InventoryError, match="more than 2 files: no directory of patches"):
        read_sources(Cluster(patches=str(tmp_path)))


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("etcd+replace.yaml", "a: b\n", "after the + kubeadm wants json, merge or strategic"),
        ("etcd+.yaml", "a: b\n", "after the + kubeadm wants json, merge or strategic"),
        ("etcd.yaml", "a: [\n", ":2: not YAML: "),
        ("etcd+merge.yaml", "# later\n", "refuses a merge patch of comments alone: fill it"),
        ("etcd.yaml", "- a\n", ":1: a list; a patch of this type is a map"),
        ("etcd+json.yaml", "a: b\n", ":1: a map; a patch of this type is a list of operations"),
    ],
)
def test_a_patch_that_kubeadm_refuses(tmp_path: Path, name: str, text: str, expected: str) -> None:
    path = write(tmp_path, name, text)
    with pytest.raises(InventoryError) as raised:
        read_sources(Cluster(patches=str(tmp_path), kubernetes_version=parse_version("v1.30.0")))
    (line,) = str(raised.value).splitlines()
    assert line.startswith(path)
    assert expected in line


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("etcd.yaml", "a: b\n"),
        ("kube-apiserver0.more+strategic.json", '{"a": "b"}'),
        ("kube-scheduler1+json.json", '[{"op": "remove", "path": "/a"}]'),
        ("kubeletconfiguration+merge.yaml", "---\na: b\n---\nc: d\n"),
        ("corednsdeployment0+strategic.yaml", "a: b\n"),
        ("etcd.yaml", "# later\n"),
        ("etcd/etcd.yaml", "a: b\n"),
    ],
)
def test_a_patch_by_kubeadms_rules(tmp_path: Path, name: str, text: str) -> None:
    write(tmp_path, name, text)
    assert read_sources(Cluster(patches=str(tmp_path))).patches[0].text == text


def test_a_directory_without_patches_patches_nothing_and_that_is_said(tmp_path: Path) -> None:
    write(tmp_path, ".gitkeep", "")
    found = read_sources(Cluster(patches=str(tmp_path)))
    assert (found.patches, found.notes) == (
        (),
        (f"{tmp_path}: no patch in it, such as kube-apiserver0+merge.yaml",),
    )
