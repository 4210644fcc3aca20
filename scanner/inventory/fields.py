"""The types of inventory values: how each is read from text, and its JSON Schema.

Each schema has a title, which is the word for the type in docs/inventory.md. The file is read as
text only, but an editor that checks it against the schema reads `22` as a number; so every schema
takes what an editor makes of a value that is right.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, TypeAlias, TypeVar

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema
from pydantic.json_schema import JsonSchemaValue

from scanner.inventory import addresses, names, ranges, references, scalars
from scanner.inventory.problems import quoted
from scanner.request import CniProfile, ContainerRuntime, HostKeys, NodeRole, ProxyMode, Sudo
from scanner.versions import Version

T = TypeVar("T")


class PullPolicy(StrEnum):
    """`imagePullPolicy`, as kubeadm's NodeRegistrationOptions has it."""

    ALWAYS = "Always"
    IF_NOT_PRESENT = "IfNotPresent"
    NEVER = "Never"


def kind(value: object) -> str:
    """Name a value's type without showing it, because it may be a secret."""
    if isinstance(value, dict):
        return "a map"
    return "a list" if isinstance(value, list) else "text"


def _read(convert: Callable[[str], T]) -> PlainValidator:
    def validate(value: object) -> T:
        if isinstance(value, str):
            return convert(value)
        if value is None:
            raise ValueError('expected text; an empty one is written ""')
        raise ValueError(f"expected one value, not {kind(value)}")

    return PlainValidator(validate)


def _each(convert: Callable[[str], str]) -> PlainValidator:
    """Read a word with ranges; every word it stands for has to be right."""
    return _read(lambda text: tuple(convert(word) for word in ranges.expand(text)))


def _host_keys(value: object) -> HostKeys:
    if isinstance(value, str):
        return scalars.host_key_policy(value)
    if not isinstance(value, list) or not value:
        raise ValueError("expected strict, accept-new, off or a list of SHA256:... fingerprints")
    if not all(isinstance(item, str) for item in value):
        raise ValueError("expected a list of fingerprints")
    return tuple(scalars.fingerprint(item) for item in value)


def _jump(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError("expected a list with the names of jump hosts, such as [bastion]")
    if twice := next((item for item in value if value.count(item) > 1), None):
        raise ValueError(f"the jump hosts make a loop: {quoted(twice)} is named twice")
    return tuple(addresses.address(item) for item in value)


def _not_empty(value: object) -> object:
    """Refuse [] before the items are read: pydantic's min_length also counts wrong items out."""
    if value == []:
        raise ValueError("the list is empty; expected at least one")
    return value


def _any(title: str, **more: object) -> WithJsonSchema:
    return WithJsonSchema({"title": title, "type": ["string", "number"], **more})


def _text(title: str, **more: object) -> WithJsonSchema:
    return WithJsonSchema({"title": title, "type": "string", **more})


def _enum(kind: type[StrEnum]) -> WithJsonSchema:
    values = [member.value for member in kind]
    return WithJsonSchema({"title": " | ".join(values), "enum": values})


_DIGITS = {"type": "string", "pattern": "^[1-9][0-9]{0,4}$"}
_PORT: JsonSchemaValue = {
    "title": "port",
    "anyOf": [{"type": "integer", "minimum": 1, "maximum": 65_535}, _DIGITS],
}
_BOOLEAN: JsonSchemaValue = {"title": "true | false", "enum": [True, False, "true", "false"]}
_POLICY = {"enum": ["strict", "accept-new", "off"]}
_PINNED = {
    "type": "array",
    "minItems": 1,
    "items": {"type": "string", "pattern": "^SHA256:[A-Za-z0-9+/]{43}$"},
}
_HOST_KEYS: JsonSchemaValue = {
    "title": "strict | accept-new | off | fingerprints",
    "anyOf": [_POLICY, _PINNED],
}
_JUMP: JsonSchemaValue = {
    "title": "list of names",
    "type": "array",
    "uniqueItems": True,
    "items": {"type": "string"},
}
_VERSION_PATTERN = r"^v?[0-9]+\.[0-9]+\.[0-9]+([-+].*)?$"
_DATE_PATTERN = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"

NotEmpty = BeforeValidator(_not_empty)

Line: TypeAlias = Annotated[str, _read(scalars.line), _any("text")]
FilePath: TypeAlias = Annotated[str, _read(scalars.line), _text("path")]
Source: TypeAlias = Annotated[str, _read(scalars.line), _text("path or URL")]
HostPath: TypeAlias = Annotated[str, _read(scalars.absolute_path), _text("path on the host")]
Socket: TypeAlias = Annotated[str, _read(scalars.cri_socket), _text("socket")]
Name: TypeAlias = Annotated[str, _read(names.subdomain), _any("name")]
User: TypeAlias = Annotated[str, _read(names.user), _any("user name")]
Repository: TypeAlias = Annotated[str, _read(names.repository), _text("registry[/path]")]
LabelKey: TypeAlias = Annotated[str, _read(names.label_key), _text("label key")]
LabelValue: TypeAlias = Annotated[
    str,
    _read(names.label_value),
    WithJsonSchema({"title": "label value", "type": ["string", "number", "boolean"]}),
]
Taint: TypeAlias = Annotated[str, _read(names.taint), _text("key[=value]:effect")]
Gate: TypeAlias = Annotated[str, _read(names.feature_gate), _text("name")]
Address: TypeAlias = Annotated[str, _read(addresses.address), _text("address")]
Names: TypeAlias = Annotated[tuple[str, ...], _each(names.subdomain), _any("name, ranges")]
Addresses: TypeAlias = Annotated[
    tuple[str, ...], _each(addresses.address), _text("address, ranges")
]
IPs: TypeAlias = Annotated[tuple[str, ...], _each(addresses.ip_literal), _text("IP, ranges")]
Networks: TypeAlias = Annotated[
    tuple[str, ...], _read(addresses.networks), _text("CIDR, or two with a comma")
]
Endpoint: TypeAlias = Annotated[str, _read(addresses.endpoint), _text("host[:port]")]
EtcdEndpoint: TypeAlias = Annotated[str, _read(addresses.etcd_endpoint), _text("URL")]
Port: TypeAlias = Annotated[int, _read(addresses.port), WithJsonSchema(_PORT)]
Boolean: TypeAlias = Annotated[bool, _read(scalars.boolean), WithJsonSchema(_BOOLEAN)]
KubernetesVersion: TypeAlias = Annotated[
    Version, _read(scalars.version), _text("full version", pattern=_VERSION_PATTERN)
]
Day: TypeAlias = Annotated[datetime.date, _read(scalars.date), _text("day", pattern=_DATE_PATTERN)]
Secret: TypeAlias = Annotated[
    str,
    _read(references.reference),
    _text("env:NAME | file:PATH | prompt", pattern=references.PATTERN),
]
Pattern: TypeAlias = Annotated[str, _read(scalars.line), _text("pattern")]
HostKeyCheck: TypeAlias = Annotated[
    HostKeys, PlainValidator(_host_keys), WithJsonSchema(_HOST_KEYS)
]
Jump: TypeAlias = Annotated[tuple[str, ...], PlainValidator(_jump), WithJsonSchema(_JUMP)]
SudoMode: TypeAlias = Annotated[Sudo, _read(scalars.choice(Sudo, "sudo mode")), _enum(Sudo)]
Role: TypeAlias = Annotated[NodeRole, _read(scalars.choice(NodeRole, "role")), _enum(NodeRole)]
Roles: TypeAlias = Annotated[tuple[Role, ...], NotEmpty, Field(json_schema_extra={"minItems": 1})]
Runtime: TypeAlias = Annotated[
    ContainerRuntime,
    _read(scalars.choice(ContainerRuntime, "container runtime")),
    _enum(ContainerRuntime),
]
Profile: TypeAlias = Annotated[
    CniProfile, _read(scalars.choice(CniProfile, "CNI profile")), _enum(CniProfile)
]
Proxy: TypeAlias = Annotated[
    ProxyMode, _read(scalars.choice(ProxyMode, "proxy mode")), _enum(ProxyMode)
]
Pull: TypeAlias = Annotated[
    PullPolicy, _read(scalars.choice(PullPolicy, "pull policy")), _enum(PullPolicy)
]
