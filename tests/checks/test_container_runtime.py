from __future__ import annotations

from dataclasses import replace

import pytest

from scanner.facts.cri import Cri, Rpc, Runtime
from scanner.facts.programs import Docker, Run
from scanner.request import ContainerRuntime
from scanner.target import Role
from tests.checks.rows import Row, fails, passes, skips, unknown, warns
from tests.hosts import NOBODY, binaries
from tests.runtimes import (
    CONTAINERD_SOCKET,
    CRI_DOCKERD_SOCKET,
    CRIO_SOCKET,
    DENIED,
    REFUSED,
    RUNTIME_READY,
    SILENT,
    cri,
    docker,
    rpc,
    silent_docker,
    sockets,
)

DOCKER = ContainerRuntime.DOCKER
NO_CRICTL = Cri(crictl=False, sockets={})
NO_SOCKETS = sockets()
HIDDEN = sockets(hidden=(CONTAINERD_SOCKET,))
RIVALS = (CONTAINERD_SOCKET, CRIO_SOCKET)
MODERN = "v1.31.0"
NEW = "v1.35.0"

READY = RUNTIME_READY
UNKNOWN_SERVICE = "unknown service runtime.v1.RuntimeService (gRPC status 12)"


def without_answer(name: str, version: str) -> Rpc:
    """A runtime whose answer to RuntimeConfig was lost."""
    return replace(READY, runtime_config=None, runtime=Runtime(name, version))


def told_crictl(name: str, version: str) -> Cri:
    """A host with crictl and without a curl that could ask."""
    answers = cri().sockets.items()
    told = {path: replace(s, told_crictl=Runtime(name, version)) for path, s in answers}
    return Cri(crictl=True, sockets=told)


def both(run: Run, answer: Rpc) -> Cri:
    """A host with crictl whose runtime was asked over gRPC too."""
    sockets = cri(run).sockets
    return Cri(crictl=True, sockets={path: replace(s, rpc=answer) for path, s in sockets.items()})


ROWS = (
    # until 1.30: crictl's exit status
    passes("KS211"),
    passes("KS211", cri(ready=False)),
    passes("KS211", cri(ready=False), version="v1.30.14"),
    fails("KS211", cri(REFUSED), words="connection refused"),
    fails("KS211", cri(REFUSED), role=Role.JOIN_WORKER),
    fails("KS211", cri(sockets=()), NO_SOCKETS, words="does not exist"),
    fails("KS211", cri(REFUSED), runtime=ContainerRuntime.CRIO),
    unknown("KS211", NO_CRICTL, binaries("crictl"), words="does not ask either"),
    unknown("KS211", cri(DENIED), NOBODY, words="needs root"),
    fails("KS211", cri(DENIED), words="permission denied"),
    # from 1.31 on: the condition RuntimeReady
    passes("KS211", version=MODERN),
    fails("KS211", cri(ready=False, reason="shim lost"), version=MODERN, words="shim lost"),
    unknown("KS211", cri(ready=None), version=MODERN, words="RuntimeReady"),
    fails("KS211", cri(REFUSED, ready=None), version=MODERN),
    fails("KS211", NO_CRICTL, NO_SOCKETS, version=MODERN, words="does not exist"),
    unknown("KS211", NO_CRICTL, HIDDEN, version=MODERN, words="seen without root"),
    unknown("KS211", NO_CRICTL, version=MODERN, socket="/run/x.sock", words="not asked about"),
    unknown("KS211", NO_CRICTL, version=MODERN, words="was not asked"),
    # from 1.31 on: the runtime's own answers, which win over crictl's
    passes("KS211", rpc(READY), version=MODERN),
    passes("KS211", rpc(READY), version="v1.37.0", role=Role.JOIN_WORKER),
    fails("KS211", rpc(Rpc(UNKNOWN_SERVICE)), version=MODERN, words="unknown service"),
    fails("KS211", rpc(replace(READY, runtime_ready=False, reason="Down x")), version=MODERN),
    unknown(
        "KS211",
        rpc(replace(READY, runtime_ready=None)),
        version=MODERN,
        words="RuntimeReady",
    ),
    unknown("KS211", rpc(unasked="there is no curl"), version=MODERN, words="install a curl"),
    fails("KS211", both(SILENT, Rpc("no answer")), version=MODERN, words="no answer"),
    passes("KS211", both(REFUSED, READY), version=MODERN),
    # until 1.30: crictl's, whatever the runtime itself says
    unknown("KS211", rpc(READY), binaries("crictl"), version="v1.30.14", words="ask either"),
    fails("KS211", both(REFUSED, READY), version="v1.30.14"),
    passes("KS211", both(SILENT, Rpc("no answer")), version="v1.30.14"),
    passes("KS211", version=MODERN, socket="/var" + CONTAINERD_SOCKET),
    unknown("KS211", NO_CRICTL, version=MODERN, socket="/var" + CONTAINERD_SOCKET),
    # dockershim
    passes("KS211", NO_CRICTL, binaries("crictl"), runtime=DOCKER),
    fails("KS211", silent_docker(), runtime=DOCKER, words="connection refused"),
    unknown("KS211", silent_docker(DENIED), NOBODY, runtime=DOCKER, words="needs root"),
    fails("KS211", silent_docker(DENIED), runtime=DOCKER),
    unknown("KS211", Docker("", "", "", None), binaries("docker"), runtime=DOCKER),
    passes("KS211", silent_docker(), runtime=DOCKER, version="v1.24.0"),
    passes("KS211", silent_docker(), runtime=DOCKER, socket=CRI_DOCKERD_SOCKET),
    passes("KS212", runtime=DOCKER),
    warns("KS212", docker(cgroups="cgroupfs"), runtime=DOCKER, words="cgroupfs"),
    warns("KS212", docker(cgroups="cgroupfs"), runtime=DOCKER, version="v1.21.14"),
    fails("KS212", silent_docker(), runtime=DOCKER),
    fails("KS212", silent_docker(), runtime=DOCKER, version="v1.14.0"),
    warns("KS212", silent_docker(), runtime=DOCKER, version="v1.22.0"),
    warns("KS212", docker(cgroups="cgroupfs"), runtime=DOCKER, version="v1.31.0"),
    unknown("KS212", silent_docker(DENIED), NOBODY, runtime=DOCKER),
    skips("KS212", runtime=DOCKER, socket=CRI_DOCKERD_SOCKET),
    passes("KS213"),
    fails("KS213", rivals=RIVALS, words=CRIO_SOCKET),
    fails("KS213", rivals=RIVALS, version="v1.31.0", role=Role.JOIN_WORKER),
    passes("KS214", docker("27.3.1", "overlayfs"), runtime=DOCKER, version=MODERN),
    warns("KS214", docker("1.13.1"), runtime=DOCKER, version=MODERN, words="1.13.1"),
    warns("KS214", docker(driver="vfs"), runtime=DOCKER, version="v1.24.0", words="vfs"),
    warns("KS214", silent_docker(), runtime=DOCKER, version=MODERN),
    # from 1.35 on: RuntimeConfig, by its answer, else by the runtime's version
    passes("KS217", rpc(READY), version=NEW),
    passes("KS217", rpc(READY), version="v1.37.0", role=Role.JOIN_WORKER),
    warns(
        "KS217",
        rpc(replace(READY, runtime_config=False)),
        version=NEW,
        words="RuntimeConfig",
    ),
    warns("KS217", rpc(without_answer("containerd", "1.7.28")), version=NEW, words="1.7.28"),
    passes("KS217", rpc(without_answer("containerd", "v2.0.0-rc.1")), version=NEW),
    warns("KS217", rpc(without_answer("cri-o", "1.27.9")), version=NEW),
    passes("KS217", rpc(without_answer("cri-o", "1.28.0")), version=NEW),
    unknown("KS217", rpc(without_answer("docker", "28.1.1")), version=NEW, words="docker 28.1.1"),
    unknown("KS217", rpc(without_answer("containerd", "devel")), version=NEW, words="devel"),
    warns("KS217", told_crictl("containerd", "1.6.20~ds1"), version=NEW, words="1.6.20"),
    unknown("KS217", rpc(Rpc("no answer")), version=NEW, words="no answer"),
    unknown("KS217", rpc(unasked="there is no curl"), version=NEW, words="no curl"),
    unknown("KS217", NO_CRICTL, NO_SOCKETS, version=NEW, words="does not exist"),
)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_container_runtime(row: Row) -> None:
    row.prove()
