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


def read_with(convert: Callable[[str], T]) -> PlainValidator:
    """Read one text; `convert` raises ValueError for what is wrong."""

    def validate(value: object) -> T:
        if isinstance(value, str):
            return convert(value)
        if value is None:
            raise ValueError('expected text; an empty one is written ""')
        raise ValueError(f"expected one value, not {kind(value)}")

    return PlainValidator(validate)


def _each(convert: Callable[[str], str]) -> PlainValidator:
    """Read a word with ranges; every word it stands for has to be right."""
    return read_with(lambda text: tuple(convert(word) for word in ranges.expand(text)))


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


def any_text(title: str, **more: object) -> WithJsonSchema:
    """Text that an editor may take for a number."""
    return WithJsonSchema({"title": title, "type": ["string", "number"], **more})


def only_text(title: str, **more: object) -> WithJsonSchema:
    """Text that looks like nothing else."""
    return WithJsonSchema({"title": title, "type": "string", **more})


def enum_of(kind: type[StrEnum]) -> WithJsonSchema:
    """The values of an enum."""
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

Line: TypeAlias = Annotated[str, read_with(scalars.line), any_text("text")]
FilePath: TypeAlias = Annotated[str, read_with(scalars.line), only_text("path")]
Source: TypeAlias = Annotated[str, read_with(scalars.source), only_text("path or URL")]
HostPath: TypeAlias = Annotated[
    str, read_with(scalars.absolute_path), only_text("path on the host")
]
EtcdDirectory: TypeAlias = Annotated[
    str, read_with(scalars.etcd_directory), only_text("path on the host")
]
Socket: TypeAlias = Annotated[str, read_with(scalars.cri_socket), only_text("socket")]
Name: TypeAlias = Annotated[str, read_with(names.subdomain), any_text("name")]
User: TypeAlias = Annotated[str, read_with(names.user), any_text("user name")]
Repository: TypeAlias = Annotated[str, read_with(names.repository), only_text("registry[/path]")]
LabelKey: TypeAlias = Annotated[str, read_with(names.node_label), only_text("label key")]
LabelValue: TypeAlias = Annotated[
    str,
    read_with(names.label_value),
    WithJsonSchema({"title": "label value", "type": ["string", "number", "boolean"]}),
]
Taint: TypeAlias = Annotated[str, read_with(names.taint), only_text("key[=value]:effect")]
Gate: TypeAlias = Annotated[str, read_with(names.feature_gate), only_text("name")]
Address: TypeAlias = Annotated[str, read_with(addresses.address), only_text("address")]
Names: TypeAlias = Annotated[tuple[str, ...], _each(names.subdomain), any_text("name, ranges")]
Addresses: TypeAlias = Annotated[
    tuple[str, ...], _each(addresses.address), only_text("address, ranges")
]
OwnAddresses: TypeAlias = Annotated[
    tuple[str, ...], _each(addresses.own_address), only_text("address, ranges")
]
IPs: TypeAlias = Annotated[tuple[str, ...], _each(addresses.advertised_ip), only_text("IP, ranges")]
Networks: TypeAlias = Annotated[
    tuple[str, ...], read_with(addresses.networks), only_text("CIDR, or two with a comma")
]
Endpoint: TypeAlias = Annotated[str, read_with(addresses.endpoint), only_text("host[:port]")]
EtcdEndpoint: TypeAlias = Annotated[str, read_with(addresses.etcd_endpoint), only_text("URL")]
Port: TypeAlias = Annotated[int, read_with(addresses.port), WithJsonSchema(_PORT)]
Boolean: TypeAlias = Annotated[bool, read_with(scalars.boolean), WithJsonSchema(_BOOLEAN)]
KubernetesVersion: TypeAlias = Annotated[
    Version, read_with(scalars.version), only_text("full version", pattern=_VERSION_PATTERN)
]
Day: TypeAlias = Annotated[
    datetime.date, read_with(scalars.date), only_text("day", pattern=_DATE_PATTERN)
]
Secret: TypeAlias = Annotated[
    str,
    read_with(references.reference),
    only_text("env:NAME | file:PATH | prompt", pattern=references.PATTERN),
]
Pattern: TypeAlias = Annotated[str, read_with(scalars.line), only_text("pattern")]
HostKeyCheck: TypeAlias = Annotated[
    HostKeys, PlainValidator(_host_keys), WithJsonSchema(_HOST_KEYS)
]
Jump: TypeAlias = Annotated[tuple[str, ...], PlainValidator(_jump), WithJsonSchema(_JUMP)]
SudoMode: TypeAlias = Annotated[Sudo, read_with(scalars.choice(Sudo, "sudo mode")), enum_of(Sudo)]
Role: TypeAlias = Annotated[
    NodeRole, read_with(scalars.choice(NodeRole, "role")), enum_of(NodeRole)
]
Roles: TypeAlias = Annotated[tuple[Role, ...], NotEmpty, Field(json_schema_extra={"minItems": 1})]
Runtime: TypeAlias = Annotated[
    ContainerRuntime,
    read_with(scalars.choice(ContainerRuntime, "container runtime")),
    enum_of(ContainerRuntime),
]
Profile: TypeAlias = Annotated[
    CniProfile, read_with(scalars.choice(CniProfile, "CNI profile")), enum_of(CniProfile)
]
Proxy: TypeAlias = Annotated[
    ProxyMode, read_with(scalars.choice(ProxyMode, "proxy mode")), enum_of(ProxyMode)
]
Pull: TypeAlias = Annotated[
    PullPolicy, read_with(scalars.choice(PullPolicy, "pull policy")), enum_of(PullPolicy)
]
