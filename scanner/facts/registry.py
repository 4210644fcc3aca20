"""What came back when a host asked the image registry for a manifest."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from scanner.facts.fields import Fields


class Trouble(StrEnum):
    """Why there is no answer."""

    NO_NAME = "dns"
    TLS = "tls"
    REFUSED = "refused"
    UNCONNECTED = "unconnected"
    """Refused or unroutable: curl does not say which."""
    DROPPED = "dropped"
    UNROUTABLE = "unroutable"
    PROXY = "proxy"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Registry:
    """One HEAD request without credentials, redirects followed."""

    tool: str
    """python3, curl or wget; empty if the host has none of them."""
    code: int | None = None
    """HTTP's status; None if none came."""
    trouble: Trouble | None = None
    said: str = ""
    """The tool's own words, for what did not work."""
    proxy: str = ""
    """host:port of the runtime's HTTPS_PROXY, which was used; empty without one."""
    runtime: str = ""
    """The unit whose process was asked for its proxy; empty if none runs, or none may be asked."""


_CODE = re.compile(r"code=([1-5][0-9]{2})")
_STATUS = re.compile(r"\s*HTTP/[0-9.]+ ([1-5][0-9]{2})\b")
_LONGEST = 300
_CURL = {
    "5": Trouble.PROXY,
    "6": Trouble.NO_NAME,
    "28": Trouble.DROPPED,
    **dict.fromkeys(("35", "51", "53", "54", "58", "59", "60", "64", "66", "77"), Trouble.TLS),
    **dict.fromkeys(("80", "82", "83", "90", "91"), Trouble.TLS),
    "97": Trouble.PROXY,
}
"""curl(1), EXIT CODES; 7 and 56 are told apart by its words, as far as it has any."""
_WORDS = (
    (re.compile(r"[Tt]unnel|[Pp]roxy|from proxy"), Trouble.PROXY),
    (re.compile(r"resolve|Name or service not known|name resolution"), Trouble.NO_NAME),
    (re.compile(r"certificate|SSL|TLS|handshake"), Trouble.TLS),
    (re.compile(r"refused"), Trouble.REFUSED),
    (re.compile(r"timed out|[Tt]imeout"), Trouble.DROPPED),
    (re.compile(r"[Nn]o route|unreachable|prohibited"), Trouble.UNROUTABLE),
    (re.compile(r"Couldn't connect"), Trouble.UNCONNECTED),
)


def parse_registry(text: str) -> Registry:
    """Read `tool=`, `proxy=`, `runtime=` and what the tool has printed."""
    fields = Fields.of(text)
    tool = fields.get("tool")
    proxy, runtime = fields.get("proxy")[:_LONGEST], fields.get("runtime")[:_LONGEST]
    if not tool:
        return Registry("", proxy=proxy, runtime=runtime)
    out, said = "\n".join(fields.all("out")), "\n".join(fields.all("err"))
    codes = _STATUS.findall(said) if tool == "wget" else _CODE.findall(out)
    trouble = None
    if not codes or (tool == "curl" and fields.get("rc") != "0"):
        codes, trouble = [], _trouble(tool, fields.get("rc"), out, said)
    code = int(codes[-1]) if codes else None
    words = "" if code else (said.strip().splitlines() or [""])[0][:_LONGEST]
    return Registry(tool, code, trouble, words, proxy, runtime)


def _trouble(tool: str, status: str, out: str, said: str) -> Trouble:
    if tool == "curl" and status in _CURL:
        return _CURL[status]
    word = out.partition("failure=")[2].strip()
    if word in set(Trouble) and word != Trouble.OTHER:
        return Trouble(word)
    return next((trouble for words, trouble in _WORDS if words.search(said)), Trouble.OTHER)
