"""The proof waits for what settles, and says at the end what is missing."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from scanner.cluster import prove as module
from scanner.cluster.prove import Prove
from scanner.request import Ignore, Request
from scanner.transport.local import LocalSession
from scanner.verdict import Verdict
from scanner.verify.expected import Expected
from scanner.verify.result import VerifyResult
from scanner.verify.run import Verified, Way
from scanner.verify.smoke.attempt import SmokeOptions
from tests.cluster.machine import credentials, host

DATA = base64.b64encode(b"x").decode()
KUBECONFIG = f"""\
apiVersion: v1
kind: Config
current-context: c
contexts: [{{name: c, context: {{cluster: k, user: u}}}}]
clusters: [{{name: k, cluster: {{server: "https://192.0.2.1:6443", \
certificate-authority-data: {DATA}}}}}]
users: [{{name: u, user: {{client-certificate-data: {DATA}, client-key-data: {DATA}}}}}]
"""
GOOD = VerifyResult("KS801", "", Verdict.PASS, "")
BAD = replace(GOOD, verdict=Verdict.FAIL, message="not yet", blocking=True)
REQUEST = Request((host("node1"), host("node2")))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Expected]:
    """What was expected each time; the first answers are bad."""
    calls: list[Expected] = []

    async def verify(way: Way, wanted: Expected) -> Verified:
        assert way.credentials.server == "192.0.2.1:6443"
        calls.append(wanted)
        return Verified((GOOD if len(calls) > 2 else BAD,))

    monkeypatch.setattr(module, "verify", verify)
    monkeypatch.setattr(module, "_PAUSE", 0.0)
    return calls


async def proven(
    prove: Prove, *, left: frozenset[str] = frozenset(), minted: bool = True
) -> Verified:
    known = credentials()
    known.kubeconfig = KUBECONFIG
    return await prove(LocalSession(), known, left, minted=minted)


async def test_what_settles_is_waited_for(asked: list[Expected]) -> None:
    found = await proven(Prove(REQUEST))
    assert found.passed
    assert len(asked) == 3
    assert {wanted.token_id for wanted in asked} == {"ffffff"}


async def test_what_stays_missing_is_said(asked: list[Expected]) -> None:
    found = await proven(Prove(REQUEST, settles=-1.0), minted=False)
    assert not found.passed
    assert [wanted.token_id for wanted in asked] == [""]


async def test_a_host_that_was_left_behind_is_not_looked_for(asked: list[Expected]) -> None:
    await proven(Prove(REQUEST, settles=-1.0), left=frozenset({"node2"}))
    assert [node.host for node in asked[0].nodes] == ["node1"]


@pytest.mark.usefixtures("asked")
async def test_a_workload_is_tried_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[SmokeOptions] = []

    async def smoked(way: Way, options: SmokeOptions) -> tuple[VerifyResult, ...]:
        assert way.credentials.server == "192.0.2.1:6443"
        tried.append(options)
        return (replace(BAD, check="KS841"), replace(GOOD, check="KS847"))

    monkeypatch.setattr(module, "smoked", smoked)
    known = credentials()
    known.kubeconfig = KUBECONFIG
    session = LocalSession()
    wanted = SmokeOptions("lab/busybox:1")
    prove = Prove(replace(REQUEST, ignore=(Ignore("KS841"),)), settles=-1.0, smoke=wanted)
    found = await prove.try_workload(session, known, await proven(prove))
    assert [result.check for result in found.results] == ["KS801", "KS841", "KS847"]
    assert [result.verdict for result in found.results[1:]] == [Verdict.WARN, Verdict.PASS]
    assert tried == [wanted]
    assert await replace(prove, smoke=None).try_workload(session, known, found) is found


async def test_what_is_ignored_is_no_failure(asked: list[Expected]) -> None:
    found = await proven(Prove(replace(REQUEST, ignore=(Ignore("KS801"),)), settles=-1.0))
    assert found.passed
    assert found.results[0].verdict is Verdict.WARN
    assert len(asked) == 1
