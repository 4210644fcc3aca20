"""Which failure of a host is enough for which other one, and who says so.

A row stands here only if the cause alone makes the effect, and both sentences show that it is this
cause: two failures that merely often come together stay two problems.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from scanner.checks.rule import Finding
from scanner.checks.sysctls import BRIDGE_IPV4, BRIDGE_IPV6
from scanner.evaluate import Result
from scanner.verdict import Verdict

Holds: TypeAlias = Callable[[Result, Result], bool]
"""(effect, cause) of one host -> whether this is why."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """One failure that another one makes."""

    effects: tuple[str, ...]
    """Check ids; empty = of any check."""
    cause: str
    holds: Holds
    source: str
    """Why the cause is enough for the effect."""


_UNKNOWN = "could not be known: "
_NO_ANSWER = "docker does not answer: "
_NOT_DOCKER = "docker does not say what it is, but: "
_NO_CLIENT = "there is no docker client"
_NO_INIT = "there is neither systemctl nor openrc"
_NEEDS_ROOT = re.compile(
    r".+ cannot be (?:seen|read) without root|.+ cannot be read by this login"
    r"|[a-z]+(?: [a-z]+)* needs root(?:: .*)?"
    r"|.+ is not on this login's PATH, and root's PATH is not known"
    r"|(?:.+: )?only root may use the runtime's socket(?:: install .*)?"
)
_NOBODY_LISTENS = re.compile(
    r"dial unix\b[^;]{0,200}: (?:connection refused|no such file or directory)\b"
    r"|Cannot connect to the Docker daemon(?: at unix:|\. )"
    r"|make sure you are running as root and (?:the )?\w+ has been started"
    r"|nobody answers on its socket|^the container runtime's socket .+ does not exist$",
    re.IGNORECASE,
)
"""What clients say of this host's socket where no process is behind it; other words, such as those
about a permission, of another machine, or of a runtime that does answer, have other causes."""
_STATUS = re.compile(r"\(gRPC status [0-9]+\)$")
"""How the words end that came from the runtime itself."""
_PORT_OF = {"KS301": "kube-apiserver", "KS304": "etcd"}
"""Components with one port only, so that a port that they hold is this one."""


def reason(result: Result) -> str:
    """Why nothing is known; empty if something is, or if something was found beside."""
    if result.verdict is not Verdict.UNKNOWN or result.findings:
        return ""
    return result.message.removeprefix(_UNKNOWN)


def _only(result: Result, is_so: Callable[[Finding], bool]) -> bool:
    """True if every finding is so, and the row says nothing else."""
    said = "; ".join(found.message for found in result.findings)
    return bool(result.findings) and result.message == said and all(map(is_so, result.findings))


def _has(value: str) -> Callable[[Result], bool]:
    return lambda result: any(found.have == value for found in result.findings)


_stopped = _has("not active")
_absent = _has("absent")


def _words(result: Result, before: str) -> str:
    """What docker said, if the row says only that it does not answer."""
    is_so = _only(result, lambda found: found.message.startswith(before))
    return result.message.removeprefix(before) if is_so else ""


def _without_root(effect: Result, cause: Result) -> bool:
    _, _, obstacle = cause.message.partition("cannot become root: ")
    why = reason(effect)
    if obstacle:
        why = why.replace(f": {obstacle}", "")
    return cause.verdict is Verdict.FAIL and all(map(_NEEDS_ROOT.fullmatch, why.split("; ")))


def _docker_is_stopped(effect: Result, cause: Result) -> bool:
    words = _words(effect, _NO_ANSWER)
    return _stopped(cause) and _NOBODY_LISTENS.search(words) is not None


def _same_docker(effect: Result, cause: Result) -> bool:
    words = _words(cause, _NO_ANSWER)
    if reason(effect) == "docker does not answer":
        return bool(words)
    return bool(words) and words in {_words(effect, _NO_ANSWER), _words(effect, _NOT_DOCKER)}


def _same_client(effect: Result, cause: Result) -> bool:
    return reason(effect).startswith(_NO_CLIENT) and reason(cause).startswith(_NO_CLIENT)


def _silent(result: Result) -> bool:
    """True if the runtime does not answer at all; one that is not ready does."""
    return _only(result, lambda found: found.need != "RuntimeReady is true")


def _runtime_is_stopped(effect: Result, cause: Result) -> bool:
    says_so = _NOBODY_LISTENS.search(effect.message) is not None
    answered = _STATUS.search(effect.message) is not None
    return _stopped(cause) and _silent(effect) and says_so and not answered


def _plugin_is_off(effect: Result, cause: Result) -> bool:
    disabled = cause.verdict is Verdict.FAIL
    return disabled and _silent(effect) and "unknown service" in effect.message


def _not_listed(effect: Result, cause: Result) -> bool:
    return _silent(cause) and reason(effect) == "the container runtime did not list its images"


def _no_version(effect: Result, cause: Result) -> bool:
    why = reason(effect)
    if why.startswith("the container runtime's socket ") and why.endswith(" does not exist"):
        return _absent(cause)
    told = why.startswith("the container runtime did not tell its version: ")
    return told and _silent(cause) and not _absent(cause)


def _no_crictl(effect: Result, cause: Result) -> bool:
    missing = cause.subject == "crictl" and bool(cause.findings)
    return missing and reason(effect).startswith("there is no crictl on kubeadm's PATH")


def _not_installed(effect: Result, cause: Result) -> bool:
    lacks = any(found.have == "absent" and found.source == "PATH" for found in cause.findings)
    return lacks and _only(effect, lambda found: found.have == "absent")


def _no_kubeadm(effect: Result, cause: Result) -> bool:
    lacks = cause.subject == "kubeadm" and cause.verdict is Verdict.FAIL
    return lacks and reason(effect).startswith("there is no kubeadm on the host")


def _no_init(effect: Result, cause: Result) -> bool:
    says = _only(effect, lambda found: found.message.startswith(_NO_INIT))
    lacks = _only(cause, lambda found: found.message.startswith(_NO_INIT))
    return lacks and (says or reason(effect).startswith(_NO_INIT))


def _no_bridge(effect: Result, cause: Result) -> bool:
    pair = (effect.subject, cause.subject) == (BRIDGE_IPV6, BRIDGE_IPV4)
    return pair and _absent(effect) and _absent(cause)


def _same_volume(effect: Result, cause: Result) -> bool:
    found, others = ({one.message for one in row.findings} for row in (effect, cause))
    whole = _only(effect, lambda _found: True)
    return whole and (found < others or (found == others and cause.subject < effect.subject))


def _same_manifest(effect: Result, cause: Result) -> bool:
    folder, _, name = cause.subject.rpartition("/")
    same = effect.message == f"the directory {folder} is not empty: {name}"
    return same and effect.subject == folder and cause.verdict is Verdict.FAIL


def _there(cause: Result) -> list[str]:
    return [name for found in cause.findings for name in found.have.split(", ")]


def _same_kubeconfig(effect: Result, cause: Result) -> bool:
    present = _only(effect, lambda found: found.have == "file")
    return present and effect.subject in _there(cause)


def _same_port(effect: Result, cause: Result) -> bool:
    holder = f"{_PORT_OF[effect.check]} on port {effect.subject}"
    return effect.verdict is Verdict.FAIL and holder in _there(cause)


EXPLANATIONS: tuple[Explanation, ...] = (
    Explanation(
        *((), "KS101", _without_root),
        "The rule could read nothing because the login is not root, and says so.",
    ),
    Explanation(
        *(("KS211", "KS212", "KS214"), "KS203", _docker_is_stopped),
        "`docker info` asks the daemon that this service runs (docker's manual of `docker info`; "
        "checks.go and util/runtime/runtime.go, v1.20.2).",
    ),
    Explanation(
        *(("KS212", "KS214", "KS215", "KS411"), "KS211", _same_docker),
        "They read one and the same answer of `docker info`, word by word.",
    ),
    Explanation(
        *(("KS214", "KS215", "KS411"), "KS212", _same_docker),
        "They read one and the same answer of `docker info`, word by word.",
    ),
    Explanation(
        *(("KS203", "KS212", "KS214", "KS215", "KS218"), "KS211", _same_client),
        "Without the docker client none of them can ask docker (dockershim's ContainerRuntime in "
        "util/runtime/runtime.go, v1.20.2).",
    ),
    Explanation(
        *(("KS211",), "KS204", _runtime_is_stopped),
        "The runtime's socket is listened on by this service, and nobody answers on it.",
    ),
    Explanation(
        *(("KS211",), "KS216", _plugin_is_off),
        "The CRI service that is unknown is this plugin's (containerd, docs/cri/config.md).",
    ),
    Explanation(
        *(("KS211",), "KS321", _no_crictl),
        "kubeadm asks the runtime with crictl up to 1.30 (util/runtime/runtime.go, v1.20.2).",
    ),
    Explanation(
        *(("KS218",), "KS211", _not_listed),
        "The images are listed by the runtime that does not answer.",
    ),
    Explanation(
        *(("KS217",), "KS211", _no_version),
        "The version is told by the runtime that does not answer.",
    ),
    Explanation(
        *(("KS202",), "KS112", _not_installed),
        "The kubelet's package brings both its program and its service (the packages kubelet of "
        "pkgs.k8s.io), and neither is there.",
    ),
    Explanation(
        *(("KS111", "KS113"), "KS114", _no_kubeadm),
        "They compare with the version of a kubeadm that is not there, or does not tell it.",
    ),
    Explanation(
        *(("KS201", "KS203", "KS204"), "KS202", _no_init),
        "Without an init system no service can be asked about (GetInitSystem in "
        "util/initsystem, v1.20.2).",
    ),
    Explanation(
        *(("KS401", "KS402"), "KS401", _no_bridge),
        "br_netfilter brings both files (net/bridge/br_netfilter_hooks.c).",
    ),
    Explanation(
        *(("KS402",), "KS402", _no_bridge),
        "br_netfilter brings both files (net/bridge/br_netfilter_hooks.c).",
    ),
    Explanation(
        *(("KS318",), "KS318", _same_volume),
        "Both directories are on the mount that the sentence names: statfs(2) says the same.",
    ),
    Explanation(
        *(("KS312",), "KS311", _same_manifest),
        "The one file in the directory is this manifest.",
    ),
    Explanation(
        *(("KS313",), "KS317", _same_kubeconfig),
        "The file is one of the signs of a cluster that this row names.",
    ),
    Explanation(
        *(("KS301", "KS304"), "KS317", _same_port),
        "The process that holds the port is one of the signs of a cluster that this row names.",
    ),
)
"""In the order in which they are looked at; the first that holds is taken."""
