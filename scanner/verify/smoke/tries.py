"""The steps of the smoke test: each does one thing and says what was seen, or why it failed."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import time

from scanner.errors import HostUnreachable
from scanner.verify.configuration import KUBEADM_CONFIG
from scanner.verify.dns import DNS_SERVICE
from scanner.verify.documents import of_kind
from scanner.verify.objects import collection, name_of, text
from scanner.verify.reply import Reply
from scanner.verify.smoke import leftovers, workload
from scanner.verify.smoke.attempt import (
    POLL,
    Attempt,
    StepFailed,
    StepUnknown,
    StepWarned,
    good,
    now,
    pods,
    read,
    rolled_out,
    still_there,
    uncut,
)
from scanner.verify.smoke.caller import (
    DNS_PORT,
    CallFailed,
    Load,
    Place,
    place_of,
    resolve,
    who_answers,
)

_REPLICAS = 3
_PAUSE = 0.05
"""Seconds between two requests while a rolling update goes on."""


async def create(run: Attempt) -> str:
    """Make the objects of smoke.yaml and wait for the Deployment."""
    until = now() + leftovers.LIFE
    for document in run.workload.documents(until):
        kind = text(document, "kind")
        namespace = text(document, "metadata", "namespace")
        run.made = True
        reply = await uncut(run.api.ask("POST", collection(kind, namespace), document))
        if kind == "Namespace":
            run.made = not reply.is_refusal
        good(reply, f"{kind} was not made")
    seconds = await rolled_out(run)
    service = await read(run, run.workload.service.path)
    run.address = text(service, "spec", "clusterIP")
    try:
        ipaddress.ip_address(run.address)
    except ValueError:
        raise StepFailed("the Service was given no address") from None
    return f"available after {seconds:.1f} s"


async def scale(run: Attempt) -> str:
    """Ask for more pods and wait for them."""
    path = run.workload.deployment.path
    good(await run.api.ask("PATCH", path, {"spec": {"replicas": _REPLICAS}}), "it was not scaled")
    seconds = await rolled_out(run)
    return f"{_REPLICAS} pods available after {seconds:.1f} s"


async def by_address(run: Attempt, place: Place) -> str:
    """Call the Service until each pod has answered once."""
    wanted = workload.ready_pods(await pods(run))
    seen: set[str] = set()
    said = ""
    deadline = time.monotonic() + run.options.seconds
    while not wanted <= seen:
        if time.monotonic() > deadline:
            missing = ", ".join(sorted(wanted - seen))
            raise StepFailed(
                f"{run.address}:{workload.PORT} never led to {missing}" + (said and f": {said}")
            )
        try:
            seen.add(await who_answers(place))
        except CallFailed as error:
            said = str(error)
            await asyncio.sleep(POLL)
    return f"all {len(wanted)} pods answered at {run.address}"


async def by_name(run: Attempt) -> str:
    """Ask the cluster's DNS for the Service."""
    assert run.session is not None  # noqa: S101 - _step has looked
    service = await read(run, DNS_SERVICE.path)
    server = text(service, "spec", "clusterIP")
    name = f"smoke.{run.workload.namespace}.svc.{await _dns_domain(run)}"
    said, deadline = "", time.monotonic() + run.options.seconds
    try:
        async with place_of(run.session, server, DNS_PORT) as place:
            while time.monotonic() < deadline:
                try:
                    found = await resolve(place, name, v6=":" in run.address)
                    if run.address in found:
                        return f"{name} is {run.address}"
                    said = f"it is {', '.join(found) or 'without an address'}"
                except CallFailed as error:
                    said = str(error)
                await asyncio.sleep(POLL)
    except HostUnreachable as error:
        raise StepUnknown(str(error)) from None
    raise StepFailed(f"{name}, asked of {server}: {said}; need {run.address}")


async def _dns_domain(run: Attempt) -> str:
    """As kubeadm has made the cluster, else as the inventory says."""
    kept = (await run.api.get(KUBEADM_CONFIG.path)).body
    found = of_kind(text(kept, "data", "ClusterConfiguration"), "ClusterConfiguration")
    return text(found, "networking", "dnsDomain") or run.options.dns_domain


async def update(run: Attempt, place: Place) -> str:
    """Change the template, and call the Service all the while, until the old pods have ended."""
    before = workload.ready_pods(await pods(run))
    load = Load(place)
    calls = asyncio.create_task(load.run(_PAUSE))
    try:
        path = run.workload.deployment.path
        good(await run.api.ask("PATCH", path, workload.changed("second")), "it was not updated")
        seconds = await rolled_out(run)
        left = await still_there(run, before)
    finally:
        calls.cancel()
        await asyncio.wait({calls})
    if not calls.cancelled():
        calls.result()  # it goes on until it is cancelled: a bug is raised here
    total = load.answered + len(load.failures)
    if load.failures:
        kinds = "; ".join(dict.fromkeys(load.failures))
        raise StepFailed(f"{len(load.failures)} of {total} requests failed: {kinds}")
    if not load.pods - before:
        raise StepFailed(f"none of {total} requests was answered by a new pod")
    went = f"{total} requests, none failed, in {seconds:.1f} s"
    if left:
        why = "; ".join(f"{name_of(pod)}: {workload.why_it_stays(pod)}" for pod in left)
        waited = f"{run.options.seconds:g} s after it"
        raise StepWarned(f"{went}, but {waited} pods of before have not ended: {why}")
    return went


async def roll_back(run: Attempt, place: Place) -> str:
    """Give the Deployment its first template again, from the ReplicaSet that has kept it."""
    listed = await run.api.all(collection("ReplicaSet", run.workload.namespace))
    if isinstance(listed, Reply):
        raise StepUnknown(f"the ReplicaSets cannot be read: {listed.reason}")
    patch = workload.rolled_back(listed)
    if patch is None:
        raise StepFailed("the Deployment has kept no ReplicaSet of its first revision")
    good(await run.api.ask("PATCH", run.workload.deployment.path, patch), "it was not rolled back")
    seconds = await rolled_out(run)
    first = next(
        name_of(found)
        for found in listed
        if text(found, "metadata", "annotations", workload.REVISION) == "1"
    )
    answered, deadline = "nobody", time.monotonic() + run.options.seconds
    while not answered.startswith(f"{first}-"):
        if time.monotonic() > deadline:
            raise StepFailed(f"after it, {answered} answers, which is not of {first}")
        with contextlib.suppress(CallFailed):
            answered = await who_answers(place)
        await asyncio.sleep(_PAUSE)
    return f"the first revision answers again after {seconds:.1f} s"
