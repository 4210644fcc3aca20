"""Kernel modules that kube-proxy needs in its ipvs mode."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.checks.rule import (
    ALL,
    Finding,
    Severity,
    applies,
    check,
    clip,
    every_part,
    history,
)
from scanner.checks.search_path import locate
from scanner.facts.base import FactMissing, Facts
from scanner.facts.kernel import Kernel, Modules
from scanner.request import ProxyMode
from scanner.target import Target

_SCHEDULERS = ("ip_vs", "ip_vs_rr", "ip_vs_wrr", "ip_vs_sh")
_CONNTRACK_MERGED = (4, 19)
"""The first kernel in which nf_conntrack_ipv4 is a part of nf_conntrack."""

_REMEDY = (
    "Name ip_vs, ip_vs_rr, ip_vs_wrr, ip_vs_sh and nf_conntrack (nf_conntrack_ipv4 before Linux "
    "4.19) in /etc/modules-load.d/ipvs.conf and load them with `modprobe -a`."
)


def _other_mode(target: Target, _subject: str) -> str | None:
    mode = target.cluster.proxy_mode
    return None if mode is ProxyMode.IPVS else f"kube-proxy's mode is {mode}, not ipvs"


def _needed(facts: Facts) -> frozenset[str]:
    kernel = facts[Kernel]
    if kernel.number is None:
        raise FactMissing(f"{clip(kernel.release)} is not a kernel release")
    merged = kernel.number >= _CONNTRACK_MERGED
    return frozenset({*_SCHEDULERS, "nf_conntrack" if merged else "nf_conntrack_ipv4"})


def _modules_missing(facts: Facts) -> Iterator[Finding]:
    modules = facts[Modules]
    yield from _missing(_needed(facts), modules.loaded | modules.builtin)


def _missing(needed: frozenset[str], there: frozenset[str]) -> Iterator[Finding]:
    if missing := needed - there:
        yield Finding(
            f"kernel modules of the ipvs mode are not loaded: {', '.join(sorted(missing))}",
            have=" ".join(sorted(needed & there)) or "none",
            need=" ".join(sorted(needed)),
            source="/proc/modules, modules.builtin",
        )


@check(
    "KS421",
    "IPVS modules",
    applies(ALL, Severity.WARNING, until="1.15"),
    kubeadm="RequiredIPVSKernelModulesAvailable",
    remedy=_REMEDY,
    skip=_other_mode,
)
def ipvs_modules(facts: Facts, _target: Target, _subject: str) -> Iterator[Finding]:
    """Read the loaded and the built-in modules; passes if all five are loaded, or all built in.

    kubeadm does not add the two up: it also warns where some are loaded and the others built in.
    Only where kube-proxy's mode is ipvs; until 1.14. Source: checks.go and pkg/util/ipvs of
    v1.14.10.
    """
    needed, modules = _needed(facts), facts[Modules]
    if not needed <= modules.builtin:
        yield from _missing(needed, modules.loaded)


@check(
    "KS422",
    "IPVS proxier",
    *history(ALL, Severity.ERROR, since="1.15", until="1.16"),
    kubeadm="IPVSProxierCheck",
    remedy=_REMEDY + " Install ipset.",
    skip=_other_mode,
)
def ipvs_proxier(facts: Facts, _target: Target, _subject: str) -> Iterator[Finding]:
    """Read the loaded and the built-in modules and look for ipset; passes if all are there.

    Only where kube-proxy's mode is ipvs; in 1.15 alone. kube-proxy's own test also wants ipset 6.0
    or newer, of 2010; its version is not read. Source: checks.go, a tree between 1.14 and 1.16.
    """
    yield from every_part(_modules_missing(facts), _ipset_missing(facts))


def _ipset_missing(facts: Facts) -> Iterator[Finding]:
    if not locate(facts, "ipset").found:
        yield Finding("there is no ipset on the PATH", have="absent", need="ipset", source="PATH")


@check(
    "KS423",
    "IPVS modules",
    applies(ALL, Severity.WARNING, since="1.16", own=True),
    kubeadm=None,
    remedy=_REMEDY,
    skip=_other_mode,
)
def ipvs_modules_since(facts: Facts, _target: Target, _subject: str) -> Iterator[Finding]:
    """Read the loaded and the built-in modules; passes if all five are there.

    Only where kube-proxy's mode is ipvs. kubeadm stopped asking in 1.16 (PR#81791), kube-proxy
    still needs them and tries to load them itself.
    """
    yield from _modules_missing(facts)
