"""Read everything that the rules look at; nothing is changed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping

from scanner.kubeadm.after_init import TOKEN_TYPE
from scanner.verify.answered import ApiFailed, ApiSilent
from scanner.verify.api import Api
from scanner.verify.ca_hash import ca_hash
from scanner.verify.catalogue import reads
from scanner.verify.discovery import Discovery
from scanner.verify.etcd_members import ask_etcd
from scanner.verify.expected import Addon, Expected
from scanner.verify.objects import Object, Ref, collection, text
from scanner.verify.observed import Answer, Listed, Observed, Unread
from scanner.verify.reply import Reply
from scanner.versions import Version, minor_floor, parse_version

_LISTS: Mapping[Listed, tuple[str, Mapping[str, str]]] = {
    Listed.NODES: (collection("Node"), {}),
    Listed.CONTROL_PLANE_PODS: (
        collection("Pod", "kube-system"),
        {"labelSelector": "tier=control-plane"},
    ),
    Listed.TOKENS: (
        collection("Secret", "kube-system"),
        {"fieldSelector": f"type={TOKEN_TYPE}"},
    ),
    Listed.SELF_HOSTED: (collection("DaemonSet", "kube-system"), {}),
}
_READYZ_SINCE = minor_floor("1.16")
_BAD = re.compile(r"^\[-\](.*)$", re.MULTILINE)


async def version_of(api: Api) -> Version:
    """The API server's version.

    Raises:
        ApiFailed: it does not tell.
    """
    reply = await api.get("/version")
    if not reply.is_good:
        raise ApiFailed(reply.reason)
    said = text(reply.body, "gitVersion")
    try:
        return parse_version(said)
    except ValueError:
        raise ApiFailed(f"the API server says that its version is {said[:100]!r}") from None


async def gather(api: Api, version: Version, expected: Expected, ca: bytes) -> Observed:
    """Read once; a question without an answer costs only what depends on it.

    Args:
        api: an open login.
        version: of the API server.
        expected: names the add-ons.
        ca: PEM, with which the API server was verified.
    """
    refs = reads(version)
    answers, lists, ready, addons = await asyncio.gather(
        asyncio.gather(*(read(api, ref.path) for ref in refs)),
        asyncio.gather(*(_list(api, *_LISTS[listed]) for listed in Listed)),
        _ready(api, version),
        _addons(api, expected.addons),
    )
    listed = dict(zip(Listed, lists, strict=True))
    return Observed(
        version,
        dict(zip(refs, answers, strict=True)),
        listed,
        ready,
        etcd=await ask_etcd(api, listed[Listed.CONTROL_PLANE_PODS], version),
        ca=_hash(ca),
        addons=addons,
    )


def _hash(ca: bytes) -> str:
    """Empty if it is not a certificate as kubeadm writes it, which the TLS library may yet take."""
    try:
        return ca_hash(ca)
    except ValueError:
        return ""


async def read(api: Api, path: str) -> Answer:
    """One object."""
    try:
        return answer(await api.get(path))
    except ApiFailed as error:
        return Unread(str(error))


def answer(reply: Reply) -> Answer:
    """An object, its absence, or why neither is known."""
    if reply.is_absent:
        return None
    if not reply.is_good:
        return Unread(reply.reason)
    return reply.body if isinstance(reply.body, Mapping) else Unread("the answer is no object")


async def _list(api: Api, path: str, query: Mapping[str, str]) -> tuple[Object, ...] | Unread:
    try:
        found = await api.all(path, **query)
    except ApiFailed as error:
        return Unread(str(error))
    return Unread(found.reason) if isinstance(found, Reply) else found


async def _ready(api: Api, version: Version) -> str | Unread:
    """Empty if the API server is ready, else the checks that fail."""
    path = "/readyz" if version >= _READYZ_SINCE else "/healthz"
    try:
        reply = await api.get(path, verbose="true")
    except ApiFailed as error:
        return Unread(str(error))
    if reply.is_good:
        return ""
    if reply.status in (401, 403):
        return Unread(reply.reason)
    failed = _BAD.findall(reply.body) if isinstance(reply.body, str) else []
    return "; ".join(failed[:10]) or reply.reason


async def _addons(
    api: Api, addons: Iterable[Addon]
) -> dict[str, tuple[tuple[str, Answer], ...] | Unread]:
    discovery = Discovery(api)
    found: dict[str, tuple[tuple[str, Answer], ...] | Unread] = {}
    for addon in addons:
        if addon.unread:
            found[addon.name] = Unread(addon.unread)
            continue
        found[addon.name] = await _objects(api, discovery, addon)
    return found


async def _objects(api: Api, discovery: Discovery, addon: Addon) -> tuple[tuple[str, Answer], ...]:
    """Each object of an add-on; of hundreds only the first is waited for that is not answered."""
    found: list[tuple[str, Answer]] = []
    silent: Unread | None = None
    for api_version, ref in addon.refs:
        answered: Answer = silent
        if silent is None:
            try:
                answered = await _made(api, discovery, api_version, ref)
            except ApiSilent as error:
                answered = silent = Unread(str(error))
        found.append((str(ref), answered))
    return tuple(found)


async def _made(api: Api, discovery: Discovery, api_version: str, ref: Ref) -> Answer:
    try:
        path = await discovery.path(api_version, ref)
        return None if path is None else answer(await api.get(path))
    except ApiSilent:
        raise
    except ApiFailed as error:
        return Unread(str(error))
