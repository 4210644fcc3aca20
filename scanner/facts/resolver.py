"""resolv.conf(5): whom the host, and after it the pods, ask for names."""

from __future__ import annotations

from dataclasses import dataclass

from scanner.facts.base import ParseError
from scanner.facts.fields import Fields

RESOLV_CONF = "/etc/resolv.conf"
RESOLVED = "/run/systemd/resolve/resolv.conf"


@dataclass(frozen=True, slots=True)
class ResolvConf:
    """One file; a file without servers is not an absent one."""

    nameservers: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    """The last `search` or `domain`, as resolv.conf(5) has it."""


@dataclass(frozen=True, slots=True)
class Resolver:
    """Both files that a kubelet may be given."""

    etc: ResolvConf | None
    """/etc/resolv.conf; None if there is none."""
    resolved: ResolvConf | None
    """/run/systemd/resolve/resolv.conf, with the servers that systemd-resolved asks; None if there
    is none."""

    @property
    def of_pods(self) -> ResolvConf | None:
        """The file that the kubelet gives to pods.

        kubeadm sets it to systemd-resolved's where that runs (componentconfigs/kubelet.go, v1.20.2;
        the file is there as long as it runs).
        """
        return self.resolved or self.etc


def parse_resolver(text: str) -> Resolver:
    """Read `etc=` and `resolved=` with their `_nameserver=`, `_search=` and `_domain=`."""
    fields = Fields.of(text)
    return Resolver(_file(fields, "etc", RESOLV_CONF), _file(fields, "resolved", RESOLVED))


def _file(fields: Fields, name: str, path: str) -> ResolvConf | None:
    match fields.get(name):
        case "absent":
            return None
        case "read":
            servers = (value.split() for value in fields.all(f"{name}_nameserver"))
            searched = (*fields.all(f"{name}_domain"), *fields.all(f"{name}_search"))
            return ResolvConf(
                tuple(words[0] for words in servers if words),
                tuple(searched[-1].split()) if searched else (),
            )
    raise ParseError(f"{path} could not be read to its end")
