"""Against an API server on loopback: TLS, tokens, broken answers; nothing but GET is ever asked."""

from __future__ import annotations

import asyncio
import copy
import datetime
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import pytest
import websocket

from scanner.transport.local import LocalSession
from scanner.verdict import Verdict
from scanner.verify import answered as answered_module
from scanner.verify import api as api_module
from scanner.verify import gather as gather_module
from scanner.verify import run as run_module
from scanner.verify.answered import ApiFailed, ApiSilent, answered
from scanner.verify.api import Api, opened
from scanner.verify.cluster_info import same_ca
from scanner.verify.credentials import read_kubeconfig
from scanner.verify.expected import Addon
from scanner.verify.objects import Ref, collection
from scanner.verify.observed import Unread
from scanner.verify.reply import Reply
from scanner.verify.run import Verified, Way, unreachable, verify
from tests.command import Kscan
from tests.verify.api_server import ApiServer, make_certificates, serving
from tests.verify.recorded import TOKEN_SECRET, cluster, expected

KUBEADM_CONFIG = Ref("ConfigMap", "kubeadm-config", "kube-system")
CLUSTER_INFO = Ref("ConfigMap", "cluster-info", "kube-public")
KUBE_PROXY = Ref("DaemonSet", "kube-proxy", "kube-system")
HEALTHY_ETCD = {"KS825"}
"""The server has no pods to run etcdctl in: its members are not known."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ApiServer]:
    with serving(tmp_path) as made:
        yield made


async def verified(server: ApiServer) -> Verified:
    return await verify(Way(None, read_kubeconfig(server.kubeconfig)), expected())


def bad(found: Verified) -> dict[str, str]:
    return {
        result.check: result.message
        for result in found.results
        if result.verdict not in (Verdict.PASS, Verdict.SKIP)
    }


async def test_the_whole_of_it(server: ApiServer) -> None:
    found = await verified(server)
    assert set(bad(found)) == HEALTHY_ETCD
    join = next(result for result in found.results if result.check == "KS811")
    assert join.verdict is Verdict.PASS
    assert {method for method, _, _ in server.asked} == {"GET"}
    assert ("GET", CLUSTER_INFO.path, "nobody") in server.asked
    assert ("GET", KUBEADM_CONFIG.path, "token") in server.asked
    assert TOKEN_SECRET not in repr(found.results)


async def test_an_object_that_is_not_there_and_one_that_is_refused(server: ApiServer) -> None:
    server.statuses[KUBEADM_CONFIG.path] = 404
    assert "does not exist" in bad(await verified(server))["KS801"]
    server.statuses[KUBEADM_CONFIG.path] = 403
    found = await verified(server)
    assert "answers 403: so it is" in bad(found)["KS801"]
    assert not found.passed
    assert "answers 403 to the token" in bad(found)["KS811"]


@pytest.mark.parametrize(("version", "joins"), [("v1.16.15", False), ("v1.20.2", True)])
async def test_a_join_of_a_cluster_whose_kube_proxy_was_taken_away(
    server: ApiServer, version: str, *, joins: bool
) -> None:
    """On purpose or not: kubeadm joins without its configuration since 1.17."""
    server.objects["/version"] = {"gitVersion": version}
    server.objects["/healthz"] = {}
    config = server.objects.pop(collection("ConfigMap", "kube-system") + "/kubelet-config-1.20")
    minor = version.split(".")[1]
    server.objects[collection("ConfigMap", "kube-system") + f"/kubelet-config-1.{minor}"] = config
    for ref in (KUBE_PROXY, Ref("ConfigMap", "kube-proxy", "kube-system")):
        del server.objects[ref.path]
    found = bad(await verified(server))
    assert {"KS809", "KS827"} <= set(found)
    assert ("KS811" not in found) is joins


@pytest.mark.parametrize(
    ("answers", "passes"),
    [([429, 429], True), ([503, 429], True), ([429, 429, 429], False), ([500], False)],
)
async def test_a_server_that_is_busy_is_asked_again(
    server: ApiServer, monkeypatch: pytest.MonkeyPatch, answers: list[int], *, passes: bool
) -> None:
    monkeypatch.setattr(api_module, "_PAUSES", (0.0, 0.0))
    server.busy[KUBEADM_CONFIG.path] = list(answers)
    found = bad(await verified(server))
    assert ("KS801" not in found) is passes
    assert passes or f"answers {answers[-1]}" in found["KS801"]


async def test_a_change_is_asked_again_only_where_it_was_not_made(
    server: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that is unavailable may yet have done it."""
    monkeypatch.setattr(api_module, "_PAUSES", (0.0, 0.0))
    server.busy["/x"] = [503, 429, 200]
    async with opened(read_kubeconfig(server.kubeconfig), None) as api:
        assert (await api.ask("DELETE", "/x")).status == 503
        assert (await api.ask("DELETE", "/x")).status == 200


async def test_a_server_that_is_not_ready(server: ApiServer) -> None:
    server.statuses["/readyz"] = 500
    assert "not ready" in bad(await verified(server))["KS820"]


@pytest.mark.parametrize("body", [b"", b"nonsense", b"[" * 100_000, b"\xff\xfe", b"null", b"7"])
async def test_answers_that_are_none(server: ApiServer, body: bytes) -> None:
    server.bodies[KUBEADM_CONFIG.path] = body
    found = await verified(server)
    assert "the answer is no object" in bad(found)["KS801"]
    server.bodies["/version"] = body
    found = await verified(server)
    assert {result.verdict for result in found.results} == {Verdict.FAIL, Verdict.UNKNOWN}
    assert "says that its version is ''" in bad(found)["KS820"]


NO_LISTS = [b"", b'{"items": [{"metadata": {"na', b"{}", b'{"items": {}}', b"[]", b"null"]


@pytest.mark.parametrize("body", NO_LISTS)
@pytest.mark.parametrize("kind", ["Node", "Pod", "Secret"])
async def test_a_list_that_is_cut_is_not_an_empty_one(
    server: ApiServer, kind: str, body: bytes
) -> None:
    """Else there would be no node that is not Ready, and no token that does not work."""
    server.bodies[collection(kind, "" if kind == "Node" else "kube-system")] = body
    way = Way(None, read_kubeconfig(server.kubeconfig))
    found = await verify(way, replace(expected(), nodes=()))
    told = [result for result in found.results if "the answer is no list" in result.message]
    assert told
    assert {result.verdict for result in told} == {Verdict.UNKNOWN}
    assert not found.passed


async def test_a_list_of_nothing(server: ApiServer) -> None:
    server.bodies[collection("Secret", "kube-system")] = b'{"items": null, "metadata": {}}'
    assert set(bad(await verified(server))) == HEALTHY_ETCD


async def test_half_a_character_breaks_nothing(server: ApiServer) -> None:
    """JSON can hold one half of a pair of UTF-16, which nothing can be written with."""
    half = json.dumps(
        {"items": [{"metadata": {"name": "a\ud800b", "annotations": {"\udc00": "😀"}}}]}
    )
    server.bodies[collection("Node")] = half.encode("ascii")
    info = copy.deepcopy(server.objects[CLUSTER_INFO.path])
    info["data"]["kubeconfig"] += "# \ud800\n"
    server.bodies[CLUSTER_INFO.path] = json.dumps(info).encode("ascii")
    found = await verified(server)
    assert "signature is wrong" in bad(found)["KS807"]
    assert ("KS826", "a?b") in {(result.check, result.subject) for result in found.results}
    assert repr(found.results).encode("utf-8")


async def test_an_answer_without_end(server: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_module, "LARGEST", 5000)
    server.bodies[KUBEADM_CONFIG.path] = b"x" * 5001
    assert "larger than" in bad(await verified(server))["KS801"]


async def test_another_ca_is_not_believed(server: ApiServer, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    make_certificates(other)
    credentials = replace(read_kubeconfig(server.kubeconfig), ca=(other / "ca.pem").read_bytes())
    found = await verify(Way(None, credentials), expected())
    assert "certificate verify failed" in bad(found)["KS820"]
    assert server.asked == []


async def test_another_name_is_not_believed(server: ApiServer) -> None:
    credentials = replace(read_kubeconfig(server.kubeconfig), tls_server_name="10.9.8.7")
    found = await verify(Way(None, credentials), expected())
    assert "not valid for '10.9.8.7'" in bad(found)["KS820"]
    assert server.asked == []


async def test_a_tunnels_port_is_believed_by_the_servers_own_name(server: ApiServer) -> None:
    """The way is another one, the certificate must still be that of the server."""
    credentials = replace(read_kubeconfig(server.kubeconfig), port=1)
    async with opened(credentials, server.port) as api:
        assert (await api.get("/version")).is_good


async def test_cluster_info_with_another_ca_gets_no_token(
    server: ApiServer, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    with serving(other) as stranger:
        server.objects[CLUSTER_INFO.path] = stranger.objects[CLUSTER_INFO.path]
        found = await verified(server)
        assert stranger.asked == []
    assert "not the one of the API server" in bad(found)["KS811"]


@pytest.mark.parametrize(
    ("session", "verdict"), [(LocalSession(), Verdict.FAIL), (None, Verdict.UNKNOWN)]
)
async def test_a_server_of_cluster_info_that_is_not_there(
    server: ApiServer, session: LocalSession | None, verdict: Verdict
) -> None:
    """Also when all tokens have expired; from outside of the cluster it may only be unreachable."""
    server.lists[collection("Secret", "kube-system")] = []
    data = server.objects[CLUSTER_INFO.path]["data"]
    data["kubeconfig"] = data["kubeconfig"].replace(f":{server.port}", ":1")
    found = await verify(Way(session, read_kubeconfig(server.kubeconfig)), expected())
    (result,) = (r for r in found.results if (r.check, r.subject) == ("KS807", "ConfigMap"))
    assert result.verdict is verdict
    assert "refused" in result.message
    assert set(bad(found)) == {"KS807", *HEALTHY_ETCD}


async def test_a_login_whose_certificate_has_ended(
    server: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The API server says no more than 401."""
    server.statuses["/version"] = 401
    certificate, key = ((server.folder / name).read_bytes() for name in ("cert.pem", "key.pem"))
    credentials = replace(read_kubeconfig(server.kubeconfig), certificate=certificate, key=key)
    found = await verify(Way(None, credentials), expected())
    assert "ended on" not in bad(found)["KS820"]
    later = run_module.now() + datetime.timedelta(days=365)
    monkeypatch.setattr(run_module, "now", lambda: later)
    found = await verify(Way(None, credentials), expected())
    (result,) = (result for result in found.results if result.check == "KS820")
    assert "the API server answers 401" in result.message
    assert "the certificate of this login ended on 20" in result.message
    assert "kubeadm certs renew admin.conf" in result.remedy


async def test_an_api_server_whose_certificate_has_ended(server: ApiServer) -> None:
    credentials = read_kubeconfig(server.kubeconfig)
    found = unreachable(credentials, "certificate verify failed: certificate has expired (_ssl.c)")
    (result,) = (result for result in found.results if result.check == "KS820")
    assert "kubeadm certs renew apiserver" in result.remedy


async def test_nobody_listens(server: ApiServer) -> None:
    credentials = replace(read_kubeconfig(server.kubeconfig), port=1)
    found = await verify(Way(None, credentials), expected())
    assert "127.0.0.1:1 was not reached: " in bad(found)["KS820"]
    assert "refused" in bad(found)["KS820"]
    assert all("refused" in message for message in bad(found).values())


@dataclass
class Silent:
    """Tells what kinds there are, and no more."""

    asked: int = 0

    async def get(self, path: str) -> Reply:
        self.asked += 1
        if path == "/api/v1":
            kinds = [{"kind": "Secret", "name": "secrets", "namespaced": True}]
            return Reply(200, {"resources": kinds})
        raise ApiSilent("no answer within 20 s")


async def test_an_api_server_that_keeps_silent_is_not_asked_for_each_object_of_an_addon() -> None:
    refs = tuple(("v1", Ref("Secret", f"s{number}", "a")) for number in range(400))
    api = Silent()
    found = await gather_module._addons(cast("Api", api), (Addon("web", refs),))
    assert found["web"] == tuple((str(ref), Unread("no answer within 20 s")) for _, ref in refs)
    assert api.asked == 2


async def test_an_endpoint_that_leads_nowhere(server: ApiServer) -> None:
    """The load balancer is down: that fails, and the rest is still judged."""
    own = replace(read_kubeconfig(server.kubeconfig), tls_server_name="127.0.0.1")
    usual = replace(own, port=1)
    found = await verify(Way(None, usual, own), expected())
    assert set(bad(found)) == {"KS820", *HEALTHY_ETCD}
    assert bad(found)["KS820"].startswith("127.0.0.1:1 is not reached: ")
    found = await verify(Way(None, usual, usual), expected())
    assert "127.0.0.1:1 was not reached: " in bad(found)["KS820"]


async def test_a_proxy_of_the_environment_is_not_used(
    server: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert set(bad(await verified(server))) == HEALTHY_ETCD


def _files_in_memory() -> list[str]:
    links = (entry for entry in Path("/proc/self/fd").iterdir() if entry.is_symlink())
    return [str(link.readlink()) for link in links if "kscan" in str(link.readlink())]


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="Linux shows open files")
async def test_the_login_is_gone_afterwards(server: ApiServer) -> None:
    async with opened(read_kubeconfig(server.kubeconfig), None):
        assert _files_in_memory() == ["/memfd:kscan-ca (deleted)"]
    assert _files_in_memory() == []


async def test_a_list_without_end(server: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_module, "_PAGES", 3)
    page = b'{"items": [{"a": 1}], "metadata": {"continue": "more"}}'
    server.bodies["/api/v1/nodes"] = page
    async with opened(read_kubeconfig(server.kubeconfig), None) as api:
        with pytest.raises(ApiFailed, match="more than"):
            await api.all("/api/v1/nodes")


def test_the_command_by_a_kubeconfig_alone(kscan: Kscan, server: ApiServer) -> None:
    ended = kscan("verify", "--kubeconfig", str(server.kubeconfig))
    assert ended.status == 4
    assert "no inventory: going to 127.0.0.1:" in ended.err
    assert " 1 kubeadm-config" in ended.out
    assert "NOT VERIFIED: " in ended.out
    assert TOKEN_SECRET not in ended.out + ended.err


def test_the_command_when_something_is_missing(kscan: Kscan, server: ApiServer) -> None:
    server.statuses[KUBEADM_CONFIG.path] = 404
    ended = kscan("verify", "--kubeconfig", str(server.kubeconfig), "--format", "json")
    assert ended.status == 3
    assert '"check":"KS801","subject":"ConfigMap","verdict":"fail"' in ended.out


async def test_a_stream_uses_no_proxy_of_the_environment(
    server: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "example.org")
    async with opened(read_kubeconfig(server.kubeconfig), None) as api:
        with pytest.raises(ApiFailed, match=r"status 404 Not Found: so it is\Z"):
            await api.execute("kube-system", "etcd-node1", ["etcdctl"])
    assert server.asked[-1][1].endswith("/pods/etcd-node1/exec")


def test_a_server_that_never_ends_its_answer_keeps_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither the one that asks, nor the end of kscan."""
    monkeypatch.setattr(answered_module, "_GRACE", 0.0)
    ended, release = threading.Event(), threading.Event()

    def work() -> None:
        release.wait(30)
        ended.set()

    async def ask() -> None:
        with pytest.raises(ApiFailed, match="no answer within"):
            await answered(work, 0.05)

    asyncio.run(ask())
    assert not ended.is_set()
    release.set()


async def test_a_stream_that_breaks_is_no_answer() -> None:
    def work() -> None:
        raise websocket.WebSocketProtocolException("Invalid opcode 7")

    with pytest.raises(ApiFailed, match="Invalid opcode 7"):
        await answered(work, 1.0)


async def test_a_token_is_not_given_away_where_the_ca_has_no_hash() -> None:
    content = cluster().objects[CLUSTER_INFO]
    assert isinstance(content, dict)
    assert not same_ca({}, "")
    assert not same_ca(content, "")
