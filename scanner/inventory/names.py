"""The syntax of names: hosts, domains, labels, taints, users. Text in, text out, or ValueError."""

from __future__ import annotations

import hashlib
import re

from scanner.inventory.problems import one_of, quoted

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_SUBDOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_LABEL_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?")
_GATE = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_OF_A_REGISTRY = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_PART = r"[A-Za-z0-9]+(?:(?:[._]|__|-+)[A-Za-z0-9]+)*"
_REPOSITORY = re.compile(
    rf"(?:{_OF_A_REGISTRY}(?:\.{_OF_A_REGISTRY})*(?::[0-9]+)?|{_PART})(?:/{_PART})*"
)
"""The grammar of an image's name, which kubeadm asks for too (validation.go, v1.28.7); the case of
its letters is looked at apart."""
_USER = re.compile(r"[^\s@,:/\[\]-][^\s,:/\[\]]{0,255}")
_KUBELETS_LABELS = frozenset(
    {
        "kubernetes.io/hostname",
        "kubernetes.io/os",
        "kubernetes.io/arch",
        "beta.kubernetes.io/os",
        "beta.kubernetes.io/arch",
    }
)
_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_MAX_SUBDOMAIN = 253


def subdomain(text: str) -> str:
    """A DNS-1123 subdomain of at most 253 characters; so it also is a safe file name."""
    if len(text) <= _MAX_SUBDOMAIN and _SUBDOMAIN.fullmatch(text):
        return text
    lower = text.lower()
    hint = f", such as {lower}" if lower != text and _SUBDOMAIN.fullmatch(lower) else ""
    raise ValueError(
        f"{quoted(text)} is not a name of lower-case letters, digits, '-' and '.'"
        f" (parts of at most 63 characters, {_MAX_SUBDOMAIN} together){hint}"
    )


def safe_name(text: str) -> str:
    """Make a `subdomain` of anything; empty if nothing is left of it."""
    parts = (re.sub(r"[^a-z0-9]+", "-", part.lower())[:63].strip("-") for part in text.split("."))
    return ".".join(filter(None, parts))[:_MAX_SUBDOMAIN].strip(".-")


def default_name(stem: str) -> str:
    """What a cluster is called whose inventory does not tell: as the file, without its ending.

    Where letters of the name cannot stand in a `subdomain`, a digest tells two such files apart.
    """
    name = safe_name(stem)
    lost = any(char.isalnum() and not char.isascii() for char in stem)
    if name and not lost:
        return name
    digest = hashlib.sha256(stem.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return f"{name[:40].rstrip('.-') or 'kubernetes'}-{digest}"


def label_key(text: str) -> str:
    """A label's or taint's key, `[prefix/]name` (apimachinery validation.IsQualifiedName)."""
    prefix, slash, name = text.rpartition("/")
    if slash and not (len(prefix) <= _MAX_SUBDOMAIN and _SUBDOMAIN.fullmatch(prefix)):
        raise ValueError(f"{quoted(text)} is no label key: its prefix is not a DNS name")
    if not _LABEL_NAME.fullmatch(name):
        raise ValueError(
            f"{quoted(text)} is no label key: expected [prefix/]name with a name of at most 63"
            " letters, digits, '-', '_' and '.', a letter or digit at both ends"
        )
    return text


def node_label(text: str) -> str:
    """The key of a node's label that is not one of those that the kubelet sets, and sets back.

    Source: kubelet_node_status.go updateDefaultLabels of v1.20.2.
    """
    if label_key(text) in _KUBELETS_LABELS:
        raise ValueError(f"{quoted(text)} is a label that the kubelet sets itself; leave it out")
    return text


def label_value(text: str) -> str:
    """A label's or taint's value (apimachinery validation.IsValidLabelValue); may be empty."""
    if text and not _LABEL_NAME.fullmatch(text):
        raise ValueError(
            f"{quoted(text)} is no label value: expected at most 63 letters, digits, '-', '_'"
            " and '.', a letter or digit at both ends"
        )
    return text


def taint(text: str) -> str:
    """A taint, `key[=value]:effect`, as kubectl and the kubelet's registerWithTaints have it."""
    rest, colon, effect = text.rpartition(":")
    if not colon or effect not in _EFFECTS:
        raise ValueError(
            f"{quoted(text)} is no taint: expected key[=value]:effect with the effect"
            f" {one_of(_EFFECTS)}"
        )
    key, _, value = rest.partition("=")
    label_key(key)
    label_value(value)
    return text if value else f"{key}:{effect}"


def user(text: str) -> str:
    """A login name; directory services allow more than useradd does, `ops@example.org`."""
    if not (_USER.fullmatch(text) and text.isprintable()):
        raise ValueError(f"{quoted(text)} is no user name")
    return text


def feature_gate(text: str) -> str:
    """A feature gate's name."""
    if not _GATE.fullmatch(text):
        raise ValueError(f"{quoted(text)} is no feature gate: expected letters and digits")
    return text


def repository(text: str) -> str:
    """A registry with an optional port and path, `registry.example.org/k8s`; may be empty."""
    if text and ("://" in text or not _REPOSITORY.fullmatch(text)):
        raise ValueError(
            f"{quoted(text)} is no image repository: expected host[:port][/path] without a scheme"
        )
    host, slash, path = text.partition("/")
    # of a registry's name and its port every case is the same one; runtimes refuse it elsewhere
    lower = path if "." in host or ":" in host else text
    if lower != lower.lower():
        hint = f"{host}{slash}{path.lower()}" if lower == path else text.lower()
        raise ValueError(
            f"{quoted(text)}: runtimes take no upper case in an image's name, such as {hint}"
        )
    return text
