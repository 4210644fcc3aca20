"""A real etcd with TLS on one lab host, the files to reach it with on another, and some answers
that no real etcd gives.
"""

from __future__ import annotations

from tests.lab.host import LabHost

CLIENT = "/etc/etcd-client"
_SERVER = "/etc/etcd-server"

_CERTIFICATES = """set -e
mkdir -p {folder}
cd {folder}
authority() {{
    openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=$1" \\
        -keyout "$1.key" -out "$1.crt" 2>/dev/null
}}
signed() {{
    openssl req -newkey rsa:2048 -nodes -subj "/CN=$1" -keyout "$1.key" -out "$1.csr" 2>/dev/null
    printf 'subjectAltName=%s\\nextendedKeyUsage=serverAuth,clientAuth\\n' "$2" >"$1.ext"
    openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 \\
        -extfile "$1.ext" -out "$1.crt" 2>/dev/null
}}
authority ca
authority other-ca
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=stranger \\
    -keyout stranger.key -out stranger.crt 2>/dev/null
signed server IP:{address}
signed client DNS:client
"""

_ETCD = (
    "systemd-run -q --collect --unit=lab-etcd.service etcd --name lab --data-dir /var/lib/lab-etcd "
    "--listen-client-urls https://{address}:2379,http://{address}:2381 "
    "--advertise-client-urls https://{address}:2379 "
    "--cert-file {folder}/server.crt --key-file {folder}/server.key "
    "--trusted-ca-file {folder}/ca.crt --client-cert-auth\n"
    'timeout 30 sh -c "until curl -sf http://{address}:2381/version; do sleep 0.2; done"'
)

ANSWERS = {
    2390: ("200 OK", '{"etcdserver":"3.2.17","etcdcluster":"3.2.0"}'),
    2391: ("200 OK", '{"etcdserver":"3.2.18","etcdcluster":"3.2.0"}'),
    2392: ("200 OK", "no JSON"),
    2393: ("404 Not Found", '{"etcdserver":"3.4.23"}'),
    2394: ("503 Service Unavailable", '{"etcdserver":"3.4.23"}'),
    2395: ("200 OK", '{"etcdserver":"three"}'),
}
"""port -> (status, body) of a plain HTTP responder on the peer: what no real etcd here says."""


def start(peer: LabHost, host: LabHost) -> None:
    """Run etcd and the responders on `peer`, and put the client's files on `host`."""
    peer.run(_CERTIFICATES.format(folder=_SERVER, address=peer.address))
    peer.run(_ETCD.format(folder=_SERVER, address=peer.address))
    for name in ("ca.crt", "other-ca.crt", "client.crt", "client.key", "stranger.crt"):
        host.write(f"{CLIENT}/{name}", peer.run(f"cat {_SERVER}/{name}"))
    host.write(f"{CLIENT}/stranger.key", peer.run(f"cat {_SERVER}/stranger.key"))
    host.write(f"{CLIENT}/empty.crt", "")
    for port, (status, body) in ANSWERS.items():
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close"
        answer = f"/run/lab-answer-{port}"
        peer.write(answer, f"{head}\r\n\r\n{body}")
        peer.run(
            f"systemd-run -q --collect --unit=lab-answer-{port}.service "
            f"socat TCP4-LISTEN:{port},reuseaddr,fork SYSTEM:'cat {answer}; sleep 0.2'"
        )
