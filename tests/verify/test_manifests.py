from __future__ import annotations

import functools
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from scanner.request import Cluster, Manifest
from scanner.verify.manifests import read_manifests
from scanner.verify.objects import Ref

TEXT = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: b}\n"


def test_files_and_what_is_wrong_with_them(tmp_path: Path) -> None:
    (tmp_path / "cni.yaml").write_text(TEXT, encoding="utf-8")
    (tmp_path / "wrong.yaml").write_text("a: [", encoding="utf-8")
    addons = (Manifest("x", str(tmp_path / "no.yaml")), Manifest("y", str(tmp_path / "wrong.yaml")))
    cni, absent, wrong = read_manifests(
        Cluster(cni_manifest=str(tmp_path / "cni.yaml"), addons=addons)
    )
    assert (cni.name, cni.refs) == ("cni", (("v1", Ref("ConfigMap", "a", "b")),))
    assert absent.unread.endswith("cannot be read: No such file or directory")
    assert "no YAML" in wrong.unread


def test_a_token_in_a_url_is_not_told() -> None:
    sources = (
        "http://127.0.0.1:1/x?token=hush",
        "http://127.0.0.1:1/a b?token=hush",
        "ftp://h?hush",
    )
    for addon in read_manifests(Cluster(addons=tuple(Manifest("x", url) for url in sources))):
        assert "cannot be read: " in addon.unread
        assert "hush" not in addon.unread


def test_a_url(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(TEXT, encoding="utf-8")

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        base = f"http://127.0.0.1:{server.server_address[1]}"
        found = tuple(Manifest(name, f"{base}/{name}.yaml") for name in ("x", "y"))
        there, absent = read_manifests(Cluster(addons=found))
        server.shutdown()
    assert there.refs == (("v1", Ref("ConfigMap", "a", "b")),)
    assert absent.unread.endswith("cannot be read: File not found")
    (gone,) = read_manifests(Cluster(addons=(Manifest("z", f"{base}/x.yaml"),)))
    assert "cannot be read: " in gone.unread
