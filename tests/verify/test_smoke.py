"""The smoke test against a cluster of a few dictionaries, which does what it is told to."""

from __future__ import annotations

import asyncio
import copy
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from scanner.errors import HostUnreachable
from scanner.transport.local import LocalSession
from scanner.verdict import Verdict
from scanner.verify import run as verify_run
from scanner.verify.answered import ApiFailed
from scanner.verify.api import Api
from scanner.verify.kubeconfig import Credentials
from scanner.verify.reply import Reply
from scanner.verify.result import VerifyResult
from scanner.verify.run import Way
from scanner.verify.smoke import attempt, leftovers, run, tries, workload
from scanner.verify.smoke.attempt import SmokeOptions

LOOPBACK = "127.0.0.1"
TERMINATING = {
    "metadata": {"name": "kscan-smoke-x", "deletionTimestamp": "2026-11-26T12:00:00Z"},
    "spec": {"finalizers": ["kubernetes"]},
    "status": {
        "phase": "Terminating",
        "conditions": [
            {
                "type": "NamespaceFinalizersRemaining",
                "status": "True",
                "message": "Some content in the namespace has finalizers remaining: lab/keep",
            },
            {"type": "NamespaceDeletionDiscoveryFailure", "status": "False", "message": "fine"},
        ],
    },
}
IDS = [f"KS84{number}" for number in range(1, 8)]
OLD = {
    "metadata": {
        "name": "kscan-smoke-old",
        "labels": {workload.MANAGED_BY: workload.MANAGER},
        "annotations": {workload.UNTIL: "2020-01-01T00:00:00Z"},
    }
}


@dataclass
class Fake:
    """One Deployment, and who answers for it."""

    spaces: dict[str, Any] = field(default_factory=dict)
    deployment: dict[str, Any] = field(default_factory=dict)
    revisions: list[dict[str, Any]] = field(default_factory=list)
    revision: int = 0
    asked: list[tuple[str, str]] = field(default_factory=list)
    broken: str = ""
    """What goes wrong: available, pod, name, request, rollback, dead, ending, terminating,
    unread, late, away, busy, quota, unreadable,
    forbidden."""
    domain: str = ""
    """In kubeadm-config; empty: there is none."""
    refused: int = 0
    calls: int = 0
    ending: list[str] = field(default_factory=list)
    """Pods of the revision before; each look at the pods sees one of them less."""

    def pods(self) -> list[str]:
        if not self.deployment:
            return []
        count = self.deployment["spec"]["replicas"]
        return [f"smoke-{self.revision}-{number}" for number in range(count)]

    async def ask(self, method: str, path: str, body: Any = None) -> Reply:
        self.asked.append((method, path))
        await asyncio.sleep(0)
        if refused := self._refusal(method, path):
            return refused
        if self.broken == "late" and path == "/api/v1/namespaces":
            # a question is asked by a thread, which no interruption ends
            await asyncio.shield(asyncio.create_task(self._make_late(body)))
        elif path.startswith("/api/v1/namespaces") and method == "POST" and "services" not in path:
            self.spaces[body["metadata"]["name"]] = body
        elif method == "DELETE" and self.broken in {"terminating", "unread"}:
            self.spaces[path.rpartition("/")[2]] = TERMINATING
        elif method == "DELETE":
            return Reply(200 if self.spaces.pop(path.rpartition("/")[2], None) else 404, {})
        elif path.endswith("/deployments"):
            self.deployment = copy.deepcopy(dict(body))
            self._roll(self.deployment["spec"]["template"])
        elif path.endswith("/deployments/smoke"):
            if "replicas" in body["spec"]:
                self.deployment["spec"]["replicas"] = body["spec"]["replicas"]
            if "template" in body["spec"] and self.broken != "rollback":
                self._roll(body["spec"]["template"])
        return Reply(200, {})

    async def _make_late(self, body: Any) -> None:
        await asyncio.sleep(0.05)
        self.spaces[body["metadata"]["name"]] = body

    def _refusal(self, method: str, path: str) -> Reply | None:
        """What it does not do: Deployments at all, to delete for the first three times."""
        if self.broken == "forbidden":
            return Reply(403, {"message": f'it is forbidden: User "jane" cannot create {path}'})
        if self.broken == "dead" and "deployments" in path:
            raise ApiFailed("it has gone away")
        if self.broken not in {"away", "busy"} or method != "DELETE":
            return None
        self.refused += 1
        if self.refused > 3:
            return None
        if self.broken == "away":
            raise ApiFailed("nothing listens there")
        return Reply(503, {"message": "starting"})

    def _roll(self, template: Any) -> None:
        marks = template.get("metadata", {}).get("annotations", {})
        if marks.get("kscan/smoke", "") is None:
            self.revision = 1
            return
        self.ending = self.pods() if self.revision else []
        self.revision += 1
        self.revisions.append(template)

    async def get(self, path: str) -> Reply:
        if self.broken == "dead" and "deployments" in path:
            raise ApiFailed("it has gone away")
        if path.endswith(("services/smoke", "services/kube-dns")):
            return Reply(200, {"spec": {"clusterIP": LOOPBACK}})
        if path.endswith("configmaps/kubeadm-config") and self.domain:
            kept = f"kind: ClusterConfiguration\nnetworking: {{dnsDomain: {self.domain}}}"
            return Reply(200, {"data": {"ClusterConfiguration": kept}})
        if path.endswith("deployments/smoke") and self.broken == "unreadable":
            return Reply(503, {"message": "starting"})
        if path.endswith("deployments/smoke"):
            count = self.deployment["spec"]["replicas"]
            there = 0 if self.broken in {"available", "quota"} else count
            status: dict[str, Any] = {"updatedReplicas": count, "availableReplicas": there}
            if self.broken == "quota":
                why = {"status": "True", "message": "pods are forbidden: exceeded quota"}
                status["conditions"] = [{"type": "ReplicaFailure", **why}]
            return Reply(200, {"spec": {"replicas": count}, "status": status})
        space = self.spaces.get(path.rpartition("/")[2])
        if space is TERMINATING and self.broken == "unread":
            return Reply(403, {"kind": "Status", "message": "namespaces is forbidden"})
        return Reply(404, {}) if space is None else Reply(200, space)

    async def all(self, path: str, **_query: str) -> Any:
        if path.endswith("replicasets"):
            return tuple(
                {
                    "metadata": {
                        "name": f"smoke-{number}",
                        "annotations": {workload.REVISION: str(number)},
                    },
                    "spec": {"template": template},
                }
                for number, template in enumerate(self.revisions, start=1)
            )
        if path.endswith("pods"):
            ready = [{"type": "Ready", "status": "True"}]
            names = [*self.pods(), *self.ending]
            stays = self.broken == "ending"
            if not stays:
                del self.ending[:1]
            leaving = {"deletionTimestamp": "2026-11-26T12:00:00Z", "finalizers": ["lab/keep"]}
            more = {name: leaving if stays else {} for name in self.ending}
            return tuple(
                {
                    "metadata": {"name": name, **more.get(name, {})},
                    "status": {"conditions": ready},
                }
                for name in names
            )
        return tuple(self.spaces.values())

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """HTTP and DNS on one port: a question begins with its length."""
        first = await reader.read(2)
        if not first:
            writer.close()
            return
        if first == b"GE":
            self.calls += 1
            names = self.pods()[: 1 if self.broken == "pod" else None]
            body = names[self.calls % len(names)].encode()
            status = b"500 no" if self.broken == "request" and self.revision > 1 else b"200 OK"
            writer.write(b"HTTP/1.0 %s\r\n\r\n%s" % (status, body))
        else:
            asked = await reader.readexactly(struct.unpack(">H", first)[0])
            code = 3 if self.broken == "name" else 0
            head = asked[:2] + struct.pack(">HHHHH", 0x8180 | code, 1, 0 if code else 1, 0, 0)
            address = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 5, 4) + bytes([127, 0, 0, 1])
            answer = head + asked[12:] + (b"" if code else address)
            writer.write(struct.pack(">H", len(answer)) + answer)
        writer.close()


@pytest.fixture
async def fake(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Fake]:
    made = Fake()
    server = await asyncio.start_server(made.serve, LOOPBACK, 0)
    port = server.sockets[0].getsockname()[1]
    monkeypatch.setattr(workload, "PORT", port)
    monkeypatch.setattr(tries, "DNS_PORT", port)
    for module in (attempt, tries, run):
        monkeypatch.setattr(module, "POLL", 0.01)
    monkeypatch.setattr(tries, "_PAUSE", 0.001)
    monkeypatch.setattr(run, "_UNDO_SECONDS", 0.1)
    async with server:
        yield made


async def smoked(fake: Fake, session: LocalSession | None = None) -> dict[str, VerifyResult]:
    said: list[VerifyResult] = []
    options = SmokeOptions("lab/busybox:1", seconds=0.3)
    await run.smoke_test(session, cast("Api", fake), options, said.append)
    assert [result.check for result in said] == IDS
    return {result.check: result for result in said}


async def test_all_goes_well_and_nothing_is_left(fake: Fake) -> None:
    found = await smoked(fake, LocalSession())
    assert {result.verdict for result in found.values()} == {Verdict.PASS}, found
    assert "none failed" in found["KS845"].message
    assert fake.spaces == {}


@pytest.mark.parametrize(
    ("broken", "check", "said"),
    [
        ("available", "KS841", "not rolled out within 0.3 s: 0 of 1 pods are available"),
        ("pod", "KS843", "never led to smoke-1-1, smoke-1-2"),
        ("quota", "KS841", "0 of 1 pods are available: pods are forbidden: exceeded quota"),
        ("request", "KS845", "requests failed: it was answered 'HTTP/1.0 500 no'"),
        ("rollback", "KS845", "none of "),
    ],
)
async def test_a_step_fails_and_those_after_it_are_not_tried(
    fake: Fake, broken: str, check: str, said: str
) -> None:
    fake.broken = broken
    found = await smoked(fake, LocalSession())
    place = IDS.index(check)
    assert [found[step].verdict for step in IDS[:place]] == [Verdict.PASS] * place
    assert found[check].verdict is Verdict.FAIL
    assert said in found[check].message
    for step in IDS[place + 1 : -1]:
        assert found[step].verdict is Verdict.UNKNOWN
        assert found[step].message == f"not tried, because {check} failed"
        assert found[step].blocking
    assert found["KS847"].verdict is Verdict.PASS
    assert fake.spaces == {}


async def test_a_dns_that_does_not_answer_keeps_nothing_else_from_being_tried(fake: Fake) -> None:
    fake.broken = "name"
    found = await smoked(fake, LocalSession())
    assert found["KS844"].verdict is Verdict.FAIL
    assert "NXDOMAIN" in found["KS844"].message
    rest = [result.verdict for check, result in found.items() if check != "KS844"]
    assert rest == [Verdict.PASS] * 6
    assert found["KS845"].depends == ("KS843",)


@pytest.mark.parametrize(
    ("domain", "verdict", "said"),
    [
        ("lab.internal", Verdict.PASS, ".svc.lab.internal is 127.0.0.1"),
        ("", Verdict.PASS, ".svc.cluster.local is 127.0.0.1"),
        ("x" * 64, Verdict.FAIL, "is no name of the DNS"),
        ("a..b", Verdict.FAIL, "is no name of the DNS"),
    ],
)
async def test_the_domain_is_that_of_the_cluster(
    fake: Fake, domain: str, verdict: Verdict, said: str
) -> None:
    """Which kscan may not have made, and no inventory may tell of."""
    fake.domain = domain
    found = await smoked(fake, LocalSession())
    assert found["KS844"].verdict is verdict
    assert said in found["KS844"].message


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (200, "", None),
        (500, "failed calling webhook", attempt.StepFailed),
        (403, 'deployments.apps "smoke" is forbidden: exceeded quota', attempt.StepFailed),
        (
            403,
            'namespaces is forbidden: User "jane" cannot create resource "namespaces"',
            attempt.StepUnknown,
        ),
        (401, "Unauthorized", attempt.StepUnknown),
        (503, "", attempt.StepUnknown),
    ],
)
def test_whose_fault_it_is_that_nothing_is_made(
    status: int, message: str, kind: type[Exception] | None
) -> None:
    reply = Reply(status, {"message": message})
    if kind is None:
        attempt.good(reply, "it was not made")
        return
    with pytest.raises(kind, match=f"it was not made: the API server answers {status}"):
        attempt.good(reply, "it was not made")


async def test_a_login_that_may_do_nothing_has_left_nothing(fake: Fake) -> None:
    fake.broken = "forbidden"
    found = await smoked(fake, LocalSession())
    assert {result.verdict for result in found.values()} == {Verdict.UNKNOWN}
    assert 'User "jane" cannot create' in found["KS841"].message
    assert found["KS847"].message == "nothing was made, so nothing was deleted"


async def test_what_cannot_be_read_says_nothing_of_the_cluster(fake: Fake) -> None:
    fake.broken = "unreadable"
    found = await smoked(fake, LocalSession())
    assert found["KS841"].verdict is Verdict.UNKNOWN
    assert "cannot be read: the API server answers 503: starting" in found["KS841"].message
    assert fake.spaces == {}


async def test_old_pods_that_do_not_end_are_said(fake: Fake) -> None:
    fake.broken = "ending"
    found = await smoked(fake, LocalSession())
    assert found["KS845"].verdict is Verdict.WARN
    assert "requests, none failed" in found["KS845"].message
    assert (
        "0.3 s after it pods of before have not ended: "
        "smoke-1-0: Terminating since 2026-11-26T12:00:00Z, finalizers lab/keep"
    ) in found["KS845"].message
    assert found["KS846"].verdict is Verdict.PASS, "the next step is tried"
    assert not found["KS845"].blocking


async def test_a_namespace_that_stays_is_said_with_its_finalizers(fake: Fake) -> None:
    fake.broken = "terminating"
    found = await smoked(fake, LocalSession())
    assert found["KS847"].verdict is Verdict.FAIL
    for words in ("is still there: Terminating since", "finalizers kubernetes", "lab/keep"):
        assert words in found["KS847"].message
    assert "fine" not in found["KS847"].message
    assert "finalizer waits" in found["KS847"].remedy


async def test_an_answer_that_is_an_error_says_nothing_of_the_namespace(fake: Fake) -> None:
    fake.broken = "unread"
    found = await smoked(fake, LocalSession())
    assert found["KS847"].verdict is Verdict.UNKNOWN
    assert found["KS847"].message.endswith(
        "is gone: the API server answers 403: namespaces is forbidden"
    )
    assert found["KS847"].blocking


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({}, "it is not being deleted, no finalizer"),
        ({"metadata": {"deletionTimestamp": "t", "finalizers": ["a", 1]}}, "finalizers a"),
        ({"metadata": [], "spec": {"finalizers": "x"}, "status": 3}, "it is not being deleted"),
    ],
)
def test_why_an_object_stays(found: dict[str, Any], said: str) -> None:
    assert said in workload.why_it_stays(found)


async def test_an_api_server_that_goes_away_says_nothing_of_the_cluster(fake: Fake) -> None:
    fake.broken = "dead"
    found = await smoked(fake, LocalSession())
    assert found["KS841"].verdict is Verdict.UNKNOWN
    assert fake.spaces == {}


async def test_without_a_host_a_service_is_not_called(fake: Fake) -> None:
    found = await smoked(fake)
    assert found["KS842"].verdict is Verdict.PASS
    for step in IDS[2:6]:
        assert "called from a node" in found[step].message
        assert found[step].verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("after", range(0, 60, 5))
async def test_nothing_is_left_whenever_it_is_interrupted(fake: Fake, after: int) -> None:
    said: list[VerifyResult] = []
    options = SmokeOptions("lab/busybox:1")
    work = asyncio.create_task(
        run.smoke_test(LocalSession(), cast("Api", fake), options, said.append)
    )
    for _ in range(after):
        await asyncio.sleep(0)
    work.cancel()
    await asyncio.wait({work})
    assert fake.spaces == {}


async def test_what_is_made_while_it_is_interrupted_is_deleted_too(fake: Fake) -> None:
    fake.broken = "late"
    said: list[VerifyResult] = []
    options = SmokeOptions("lab/busybox:1")
    work = asyncio.create_task(run.smoke_test(None, cast("Api", fake), options, said.append))
    for _ in range(20):
        await asyncio.sleep(0)
    assert ("POST", "/api/v1/namespaces") in fake.asked
    work.cancel()
    await asyncio.wait({work})
    await asyncio.sleep(0.1)
    assert fake.spaces == {}


@pytest.mark.parametrize("broken", ["away", "busy"])
async def test_the_namespace_is_deleted_when_the_api_server_is_back(
    fake: Fake, broken: str
) -> None:
    fake.broken = broken
    found = await smoked(fake, LocalSession())
    assert found["KS847"].verdict is Verdict.PASS
    assert fake.spaces == {}


@pytest.mark.parametrize("broken", ["away", "busy"])
async def test_a_namespace_that_could_not_be_deleted_is_named(
    fake: Fake, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    fake.broken = broken
    monkeypatch.setattr(fake, "refused", -1_000_000)
    found = await smoked(fake, LocalSession())
    (left,) = fake.spaces
    assert found["KS847"].verdict is Verdict.FAIL
    assert f"Namespace {left} is left: " in found["KS847"].message
    assert "kubectl delete namespace" in found["KS847"].remedy


async def test_a_namespace_that_an_interruption_leaves_is_named(
    fake: Fake, caplog: pytest.LogCaptureFixture
) -> None:
    fake.broken, fake.refused = "away", -1_000_000
    said: list[VerifyResult] = []
    options = SmokeOptions("lab/busybox:1")
    work = asyncio.create_task(run.smoke_test(None, cast("Api", fake), options, said.append))
    for _ in range(20):
        await asyncio.sleep(0)
    work.cancel()
    await asyncio.wait({work})
    (left,) = fake.spaces
    assert f"Namespace {left} is left: nothing listens there: Delete it when" in caplog.text


async def test_what_a_killed_run_has_left_is_removed_and_nothing_else(fake: Fake) -> None:
    fake.spaces = {"kscan-smoke-old": OLD, "default": {"metadata": {"name": "default"}}}
    await smoked(fake, LocalSession())
    assert list(fake.spaces) == ["default"]


def of_another_run(name: str, until: str = "2999-01-01T00:00:00Z") -> dict[str, Any]:
    labels = {workload.MANAGED_BY: workload.MANAGER}
    return {"metadata": {"name": name, "labels": labels, "annotations": {workload.UNTIL: until}}}


async def test_what_a_run_has_left_that_was_just_killed_is_removed_too(
    fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its time has not passed; but who lives moves it on, whatever the clocks say."""
    monkeypatch.setattr(leftovers, "_BEAT", 0.2)
    fake.spaces = {name: of_another_run(name) for name in ("kscan-smoke-dead", "kscan-smoke-lives")}
    work = asyncio.create_task(smoked(fake, LocalSession()))
    for number in range(200):
        fake.spaces["kscan-smoke-lives"] = of_another_run(
            "kscan-smoke-lives", f"2999-01-01T00:00:{number % 60:02}Z"
        )
        await asyncio.wait({work}, timeout=0.02)
        if work.done():
            break
    await work
    assert list(fake.spaces) == ["kscan-smoke-lives"]


@pytest.mark.parametrize("tried", [0, 2])
async def test_what_could_not_be_tried_is_unknown(
    monkeypatch: pytest.MonkeyPatch, tried: int
) -> None:
    """Without a way to the API nothing is, and after a loss the rest is not."""

    @asynccontextmanager
    async def entered(_way: Way) -> AsyncIterator[tuple[Api, str]]:
        if not tried:
            raise ApiFailed("nothing listens there")
        yield cast("Api", None), ""

    async def smoke_test(_session: object, _api: object, _options: object, say: Any) -> None:
        for check in IDS[:tried]:
            say(VerifyResult(check, "", Verdict.PASS, ""))
        raise HostUnreachable("nothing listens there")

    monkeypatch.setattr(verify_run, "_entered", entered)
    monkeypatch.setattr(verify_run, "smoke_test", smoke_test)
    way = Way(None, cast("Credentials", None))
    found = await verify_run.smoked(way, SmokeOptions("lab/busybox:1"))
    assert [result.check for result in found] == IDS
    assert {result.verdict for result in found[tried:]} == {Verdict.UNKNOWN}
    assert all(result.blocking for result in found[tried:])
    assert found[-1].message == "not tried: nothing listens there"


async def test_a_run_that_lives_keeps_its_namespace(
    fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leftovers, "_BEAT", 0.0)
    space = workload.Workload("kscan-smoke-x", "i").space
    heart = asyncio.create_task(leftovers.keep_alive(cast("Api", fake), space))
    for _ in range(10):
        await asyncio.sleep(0)
    assert ("PATCH", space.path) in fake.asked
    heart.cancel()
    await asyncio.wait({heart})
