r"""What kubeadm's preflight printed -> its warnings and errors by name, and how far it came.

Grammar, the same from v1.13 on (preflight/checks.go RunChecks of v1.20.2): a line
`\t[WARNING NAME]: MESSAGE` as soon as it is known, and all lines `\t[ERROR NAME]: MESSAGE` at the
end of a list of checks, between two lines `[preflight] ...`. v1.34 (PR#132080) only moved the frame
from the returned error to stderr. A message may go on over several lines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from scanner.target import Role

MESSAGES = 500
"""Warnings and errors that are kept; a host with every fault has a few dozen."""
CHARACTERS = 2_000
"""Of one message, and of the words with which kubeadm refused."""
NAME = 200

_COLOUR = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_MESSAGE = re.compile(r"\t\[(WARNING|ERROR) ([^\]\n]+)\]: ?(.*)")
_KLOG = re.compile(r"[IWEF][0-9]{4} [0-9:.]+ +[0-9]+ \S+\] ")
_PROGRESS = re.compile(r"\[[a-z][a-z-]*\] ")
"""`[init] ...`, `[preflight] ...`: what kubeadm does, and the frame of its errors."""
_STACK = "To see the stack trace of this error"
_RETURNED = re.compile(r"(?:error: )?error execution phase \S+: ")
_FATAL = "[preflight] Some fatal errors occurred:"
_FRAMES = (_FATAL, "preflight checks failed")
"""What phase preflight returns when checks had errors: until 1.33, and from 1.34 on."""
_STARTED = "[preflight] Running pre-flight checks"
_SECOND_STAGE = "[preflight] Running pre-flight checks before initializing"
_PULLING = ("[preflight] Pulling images required", "[preflight] Would pull the required images")
_READING = "[preflight] Reading configuration from the cluster"

ROOT = "IsPrivilegedUser"
IMAGES = "ImagePull"
_INIT_ONLY = re.compile(
    r"NumCPU|Mem|KubernetesVersion|Firewalld|Port-(?!10250\Z)[0-9]+|HTTPProxyCIDR"
    r"|FileAvailable--etc-kubernetes-manifests-.*|DirAvailable-(?!-etc-kubernetes-manifests\Z).*"
    r"|ExternalEtcd.*"
)
"""What a control plane's join asks after it has read the cluster's configuration: init's list
without what the first stage has asked already (runner of the join phase, v1.20.2)."""


@dataclass(frozen=True, slots=True)
class Message:
    """One warning or error."""

    severity: str
    """WARNING or ERROR."""
    name: str
    text: str
    """In kubeadm's words; newlines are kubeadm's."""

    @property
    def line(self) -> str:
        """As kubeadm prints it, without the tab."""
        return f"[{self.severity} {self.name}]: {self.text}"


@dataclass(frozen=True, slots=True)
class Said:
    """One run, read."""

    messages: tuple[Message, ...]
    """In the order in which they were printed."""
    started: bool
    """False: it refused the configuration, or the command, before its first check."""
    error: str
    """What it ended with beside errors of checks: why it refused, or what came after them."""
    fatal: bool
    """The last list of checks was finished, and had errors."""
    pulling: bool
    """init's checks were passed, and images were looked for."""
    reading: bool
    """A join's first checks were passed."""
    second_stage: bool
    """A control plane's join had read the cluster's configuration."""

    def about(self, name: str) -> tuple[str, ...]:
        """kubeadm's lines about one check."""
        return tuple(message.line for message in self.messages if message.name == name)

    def reached(self, name: str, role: Role, *, ended: bool) -> bool:
        """True if kubeadm asked for this and said all that it had to say.

        Args:
            name: of a check that kubeadm has for this role.
            role: as which it was run.
            ended: it came to its own end; else errors may not have been printed yet.
        """
        if self.about(name):
            return True
        if not self.started or self._stopped_at_root():
            return False
        if name == ROOT:
            return True
        over = ended or self.fatal
        if name == IMAGES:
            return self.pulling and over
        if role is Role.JOIN_CONTROL_PLANE and _INIT_ONLY.fullmatch(name):
            return self.second_stage and (over or self.pulling)
        return over or (self.pulling if role is Role.INIT else self.reading)

    def _stopped_at_root(self) -> bool:
        """It is asked first and alone."""
        return any(line.startswith("[ERROR ") for line in self.about(ROOT))


def parse_said(printed: str) -> Said:
    """Read stdout and stderr together; anything is accepted, and what is too long is cut."""
    messages: list[tuple[str, str, list[str]]] = []
    beside: list[str] = []
    """Lines of no check; from the returned error on, only what belongs to it."""
    returned = False
    into: list[str] | None = None
    """Where a line goes that begins nothing: the message that is open, else beside."""
    for line in _COLOUR.sub("", printed).replace("\r\n", "\n").split("\n"):
        if (match := _MESSAGE.fullmatch(line)) is not None:
            into = [match[3]]
            messages.append((match[1], match[2][:NAME], into))
        elif (match := _RETURNED.match(line)) is not None:
            returned, into = True, None
            words = line[match.end() :]
            beside = [] if words in _FRAMES else [words]
        elif _begins(line):
            into = None
        elif into is not None:
            into.append(line)
        elif line.strip():
            beside.append(line.strip())
    started = _STARTED in printed
    return Said(
        messages=tuple(
            Message(severity, name, "\n".join(lines).rstrip()[:CHARACTERS])
            for severity, name, lines in messages[:MESSAGES]
        ),
        started=started,
        error=" ".join(beside)[:CHARACTERS] if returned or not started else "",
        fatal=_FATAL in printed,
        pulling=any(words in printed for words in _PULLING),
        reading=_READING in printed,
        second_stage=_SECOND_STAGE in printed,
    )


def _begins(line: str) -> bool:
    """True for a line of kubeadm's own that continues no message."""
    return bool(_PROGRESS.match(line) or _KLOG.match(line) or line.startswith(_STACK))
