"""Does a role let, and does a binding give it to whom it should: findings about RBAC objects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scanner.checks.rule import Finding, clip, every_part
from scanner.verify.objects import Object, Ref, objects, text, texts
from scanner.verify.observed import Observed

GROUP = "Group"
USER = "User"
SERVICE_ACCOUNT = "ServiceAccount"


@dataclass(frozen=True, slots=True)
class Right:
    """One verb on one resource, of one name or of all."""

    verb: str
    resource: str
    name: str = ""
    api_group: str = ""

    def __str__(self) -> str:
        return f"{self.verb} {self.resource} {self.name}".rstrip()


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a binding names."""

    kind: str
    name: str
    namespace: str = ""

    def __str__(self) -> str:
        place = f"{self.namespace}/" if self.namespace else ""
        return f"{self.kind} {place}{self.name}"


@dataclass(frozen=True, slots=True)
class Grant:
    """A binding, the role it gives, and to whom."""

    binding: Ref
    role: Ref
    subjects: tuple[Subject, ...]
    rights: tuple[Right, ...] = ()
    """What the role must let; empty for a role of Kubernetes' own, which is not looked at."""

    @property
    def refs(self) -> tuple[Ref, ...]:
        """What must be read for it."""
        return (self.binding, self.role) if self.rights else (self.binding,)


def in_namespace(namespace: str, name: str, subjects: tuple[Subject, ...], *rights: Right) -> Grant:
    """A Role and a RoleBinding of one name."""
    binding, role = Ref("RoleBinding", name, namespace), Ref("Role", name, namespace)
    return Grant(binding, role, subjects, rights)


def everywhere(
    name: str, subjects: tuple[Subject, ...], *rights: Right, role: str | None = None
) -> Grant:
    """A ClusterRoleBinding, and the ClusterRole of its name or of another one."""
    return Grant(
        Ref("ClusterRoleBinding", name), Ref("ClusterRole", role or name), subjects, rights
    )


def groups(*names: str) -> tuple[Subject, ...]:
    """Groups as subjects."""
    return tuple(Subject(GROUP, name) for name in names)


def refs(grants: tuple[Grant, ...]) -> tuple[Ref, ...]:
    """What must be read for some grants."""
    return tuple(ref for grant in grants for ref in grant.refs)


def granted(observed: Observed, *grants: Grant) -> Iterator[Finding]:
    """What is missing of the grants."""
    yield from every_part(
        *(part for grant in grants for part in (_role(observed, grant), _binding(observed, grant)))
    )


def absent(ref: Ref) -> Finding:
    """An object that is not there."""
    return Finding(f"{ref} does not exist", have="absent", need=str(ref), source=ref.path)


def _role(observed: Observed, grant: Grant) -> Iterator[Finding]:
    if not grant.rights:
        return
    role = observed.get(grant.role)
    if role is None:
        yield absent(grant.role)
        return
    for right in grant.rights:
        if not lets(role, right):
            yield Finding(
                f"{grant.role} does not let {right}", need=str(right), source=grant.role.path
            )


def lets(role: Object, right: Right) -> bool:
    """True if one of a role's rules gives a right."""
    return any(_lets(rule, right) for rule in objects(role, "rules"))


def _lets(rule: Object, right: Right) -> bool:
    names = texts(rule, "resourceNames")
    return (
        _covers(texts(rule, "verbs"), right.verb)
        and _covers(texts(rule, "apiGroups"), right.api_group)
        and _covers(texts(rule, "resources"), right.resource)
        and (not names or right.name in names)
    )


def _covers(words: tuple[str, ...], word: str) -> bool:
    return word in words or "*" in words


def _binding(observed: Observed, grant: Grant) -> Iterator[Finding]:
    binding = observed.get(grant.binding)
    if binding is None:
        yield absent(grant.binding)
        return
    source = grant.binding.path
    kind, name = text(binding, "roleRef", "kind"), text(binding, "roleRef", "name")
    if (kind, name) != (grant.role.kind, grant.role.name):
        have = clip(f"{kind} {name}")
        need = f"{grant.role.kind} {grant.role.name}"
        yield Finding(f"{grant.binding} gives {have}, not {need}", have, need, source)
    named = {
        Subject(text(subject, "kind"), text(subject, "name"), text(subject, "namespace"))
        for subject in objects(binding, "subjects")
    }
    for subject in grant.subjects:
        if subject not in named:
            yield Finding(
                f"{grant.binding} does not name {subject}", need=str(subject), source=source
            )
