"""An API server of the recorded cluster: HTTPS on loopback, read only, with tokens and a CA."""

from __future__ import annotations

import base64
import copy
import json
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from scanner.verify import jws
from scanner.verify.objects import Ref, collection
from scanner.verify.observed import Listed
from scanner.verify.tokens import token_of
from tests.verify.recorded import TOKEN_SECRET, cluster

_CLUSTER_INFO = Ref("ConfigMap", "cluster-info", "kube-public")
_LISTS = {
    collection("Node"): Listed.NODES,
    collection("Pod", "kube-system"): Listed.CONTROL_PLANE_PODS,
    collection("Secret", "kube-system"): Listed.TOKENS,
    collection("DaemonSet", "kube-system"): Listed.SELF_HOSTED,
}


@dataclass
class ApiServer:
    """What it has, and what it was asked."""

    folder: Path
    port: int = 0
    objects: dict[str, Any] = field(default_factory=dict)
    lists: dict[str, list[Any]] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    """Path -> what it answers instead."""
    busy: dict[str, list[int]] = field(default_factory=dict)
    """Path -> what it answers at first, one after the other."""
    bodies: dict[str, bytes] = field(default_factory=dict)
    """Path -> what it answers instead."""
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    """Method, path, and as whom: admin, token, nobody."""

    @property
    def ca(self) -> bytes:
        return (self.folder / "ca.pem").read_bytes()

    @property
    def kubeconfig(self) -> Path:
        path = self.folder / "admin.conf"
        path.write_text(
            "kind: Config\ncurrent-context: c\n"
            "contexts: [{name: c, context: {cluster: c, user: u}}]\n"
            f"clusters: [{{name: c, cluster: {{server: 'https://127.0.0.1:{self.port}', "
            f"certificate-authority-data: {base64.b64encode(self.ca).decode()}}}}}]\n"
            "users: [{name: u, user: {token: admin}}]\n",
            encoding="utf-8",
        )
        return path

    def answer(self, path: str, who: str) -> tuple[int, bytes]:
        if self.busy.get(path):
            return self.busy[path].pop(0), b"{}"
        if path in self.bodies:
            return 200, self.bodies[path]
        status = self.statuses.get(path)
        if status is None:
            status = self._status(path, who)
        if status != 200:
            return status, json.dumps({"kind": "Status", "message": "so it is"}).encode()
        if path in self.lists:
            return 200, json.dumps({"items": self.lists[path]}).encode()
        return 200, json.dumps(self.objects.get(path, {})).encode()

    def _status(self, path: str, who: str) -> int:
        if who == "nobody" and path != _CLUSTER_INFO.path:
            return 403
        known = path in self.objects or path in self.lists or path in ("/readyz", "/version")
        return 200 if known else 404


def make_certificates(folder: Path) -> None:
    """A CA and a certificate of 127.0.0.1, by openssl."""
    (folder / "san").write_text("subjectAltName=IP:127.0.0.1\n", encoding="ascii")
    key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
    commands = (
        f"openssl req -x509 {key} -keyout ca.key -out ca.pem -subj /CN=kubernetes -days 30\n"
        f"openssl req {key} -keyout key.pem -out csr.pem -subj /CN=kube-apiserver\n"
        "openssl x509 -req -in csr.pem -CA ca.pem -CAkey ca.key -CAcreateserial -out cert.pem"
        " -extfile san -days 30\n"
    )
    subprocess.run(
        ["sh", "-ec", commands],
        cwd=folder,
        check=True,
        capture_output=True,
    )


@contextmanager
def serving(folder: Path) -> Iterator[ApiServer]:
    """Serve the recorded cluster; cluster-info names this server and its CA, newly signed."""
    make_certificates(folder)
    server = ApiServer(folder)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            split = urlsplit(self.path)
            assert parse_qs(split.query) is not None
            bearer = (self.headers.get("authorization") or "").removeprefix("Bearer ")
            tokens = {f"{token_id}.{TOKEN_SECRET}" for token_id in _token_ids(server)}
            who = {"admin": "admin", "": "nobody"}.get(
                bearer, "token" if bearer in tokens else "stranger"
            )
            server.asked.append((self.command, split.path, who))
            status, body = server.answer(split.path, who)
            if who == "stranger":
                status, body = 401, b"{}"
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_PATCH = do_DELETE = do_PUT = do_GET  # noqa: N815 - http.server's names

        def log_message(self, *_: object) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A client that does not believe this server hangs up in the handshake."""

    with Quiet(("127.0.0.1", 0), Handler) as listener:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
        listener.socket = context.wrap_socket(listener.socket, server_side=True)
        server.port = listener.server_address[1]
        _fill(server)
        thread = threading.Thread(target=listener.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown()
            thread.join()


def _token_ids(server: ApiServer) -> list[str]:
    secrets = server.lists[collection("Secret", "kube-system")]
    return [token_of(secret).id for secret in secrets]


def _fill(server: ApiServer) -> None:
    seen = cluster()
    server.objects = {
        ref.path: copy.deepcopy(found) for ref, found in seen.objects.items() if found is not None
    }
    server.objects["/version"] = {"gitVersion": f"v{seen.version}"}
    server.lists = {path: list(seen.all(listed)) for path, listed in _LISTS.items()}
    info = server.objects[_CLUSTER_INFO.path]["data"]
    ca = base64.b64encode(server.ca).decode()
    info["kubeconfig"] = (
        "apiVersion: v1\nkind: Config\nclusters:\n- name: ''\n  cluster:\n"
        f"    certificate-authority-data: {ca}\n    server: https://127.0.0.1:{server.port}\n"
    )
    for token_id in _token_ids(server):
        info[f"jws-kubeconfig-{token_id}"] = jws.sign(info["kubeconfig"], token_id, TOKEN_SECRET)
