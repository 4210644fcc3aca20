"""What only shows when entries are compared. Works on the text, so that no error hides another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from scanner.inventory import ranges
from scanner.inventory.document import Document
from scanner.inventory.layout import Section, entries, map_at, text_at
from scanner.inventory.problems import Loc, Problem, did_you_mean, quoted
from scanner.request import NodeRole

_TOGETHER = ("address", "internalAddress", "advertiseAddress", "nodeName")
"""Keys that are expanded together with `name`."""

_NOT_LOCAL = ("user", "port", "identityFile", "hostKeys", "jump", "password", "passphrase")
_SHOWN = 3


def problems(document: Document) -> Iterator[Problem]:
    """Report every contradiction of an inventory whose single values may be wrong as well."""
    for rule in (
        _ranges_of_different_length,
        _address_or_local,
        _one_local_host,
        _unique_names,
        _known_groups,
        _endpoint_for_many,
        _etcd,
    ):
        yield from rule(document)


def _ranges_of_different_length(document: Document) -> Iterator[Problem]:
    for loc, host in entries(document.data, "hosts"):
        names = _expanded(host, "name")
        for key in _TOGETHER:
            values = _expanded(host, key)
            if names and values and len(names) != len(values):
                message = f"gives {len(values)} of them, but name gives {len(names)}"
                yield document.problem((*loc, key), message)


def _address_or_local(document: Document) -> Iterator[Problem]:
    for loc, host in entries(document.data, "hosts"):
        if not _is_local(host):
            if host.get("address") is None:
                yield document.problem((*loc, "address"), "missing")
            continue
        for key in _NOT_LOCAL:
            if host.get(key) is not None:
                message = "has no meaning for a local host, which is not logged in to"
                yield document.problem((*loc, key), message)


def _one_local_host(document: Document) -> Iterator[Problem]:
    local = [loc for loc, host in entries(document.data, "hosts") if _is_local(host)]
    for loc, host in entries(document.data, "hosts"):
        if _is_local(host) and (loc != local[0] or len(_expanded(host, "name")) > 1):
            line = document.line((*local[0], "local"))
            message = f"only one host can be this machine, first on line {line}"
            yield document.problem((*loc, "local"), message)


def _unique_names(document: Document) -> Iterator[Problem]:
    hosts, jumps = (list(entries(document.data, key)) for key in ("hosts", "jumpHosts"))
    yield from _duplicates(document, hosts, "name", "host", _expanded)
    yield from _duplicates(document, hosts, "nodeName", "node", _expanded)
    yield from _duplicates(document, jumps, "name", "jump host", _single)
    cluster = map_at(document.data, "cluster")
    addons = [(("cluster", *loc), addon) for loc, addon in entries(cluster, "addons")]
    yield from _duplicates(document, addons, "name", "add-on", _single)
    if text_at(map_at(cluster, "cni"), "manifest"):
        for loc, addon in addons:
            if text_at(addon, "name") == "cni":
                message = "cni is the name of what cni.manifest gives; name it otherwise"
                yield document.problem((*loc, "name"), message)


def _duplicates(
    document: Document,
    places: Iterable[tuple[Loc, Section]],
    key: str,
    noun: str,
    words: Callable[[Section, str], tuple[str, ...]],
) -> Iterator[Problem]:
    first: dict[str, Loc] = {}
    for loc, section in places:
        twice: dict[Loc, list[str]] = defaultdict(list)
        for word in words(section, key):
            if word in first:
                twice[first[word]].append(word)
            else:
                first[word] = (*loc, key)
        for earlier, names in twice.items():
            shown = ", ".join(quoted(name) for name in names[:_SHOWN])
            more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
            message = f"duplicate {noun} {shown}{more}, first on line {document.line(earlier)}"
            yield document.problem((*loc, key), message)


def _known_groups(document: Document) -> Iterator[Problem]:
    groups = map_at(document.data, "groups")
    for loc, host in entries(document.data, "hosts"):
        group = host.get("group")
        if isinstance(group, str) and group not in groups:
            message = f"no group {quoted(group)}, {did_you_mean(group, groups)}"
            yield document.problem((*loc, "group"), message)


def _endpoint_for_many(document: Document) -> Iterator[Problem]:
    data = document.data
    names: list[str] = []
    for _, host in entries(data, "hosts"):
        group = map_at(map_at(data, "groups"), text_at(host, "group"))
        layers = (layer.get("roles") for layer in (host, group, map_at(data, "defaults")))
        roles = next((roles for roles in layers if roles is not None), None)
        if isinstance(roles, list) and NodeRole.CONTROL_PLANE.value in roles:
            names += _expanded(host, "name")
    if len(names) > 1 and not map_at(data, "cluster").get("controlPlaneEndpoint"):
        shown = ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
        yield document.problem(
            ("cluster", "controlPlaneEndpoint"),
            f"needed, because {len(names)} hosts have the role control-plane ({shown}); expected"
            " host[:port] of the load balancer before them",
        )


def _etcd(document: Document) -> Iterator[Problem]:
    loc: Loc = ("cluster", "etcd")
    etcd = map_at(map_at(document.data, "cluster"), "etcd")
    if etcd.get("local") is not None and etcd.get("external") is not None:
        yield document.problem(loc, "either local or external, not both")
    external = map_at(etcd, "external")
    loc = (*loc, "external")
    pair = [key for key in ("certFile", "keyFile") if external.get(key)]
    if len(pair) == 1:
        yield document.problem((*loc, pair[0]), "certFile and keyFile come together or not at all")
    endpoints = external.get("endpoints")
    if not isinstance(endpoints, list) or not (pair or external.get("caFile")):
        return
    for index, endpoint in enumerate(endpoints):
        if isinstance(endpoint, str) and endpoint.startswith("http:"):
            message = "expected https, because certificates are set"
            yield document.problem((*loc, "endpoints", index), message)


def _is_local(host: Section) -> bool:
    return host.get("local") == "true"


def _expanded(section: Section, key: str) -> tuple[str, ...]:
    """The words below a key; none if there are none or if the model refuses them anyway."""
    try:
        return ranges.expand(text_at(section, key)) if text_at(section, key) else ()
    except ValueError:
        return ()


def _single(section: Section, key: str) -> tuple[str, ...]:
    return (text_at(section, key),) if text_at(section, key) else ()
