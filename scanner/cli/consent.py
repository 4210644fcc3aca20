"""The question before kubeadm itself is run on hosts: the one thing that may change them."""

from __future__ import annotations

from scanner.cli.question import can_ask, says_yes
from scanner.cli.tell import say
from scanner.errors import UsageError
from scanner.render.causes import plural


def consent(hosts: int, seconds: float, *, with_kubeadm: bool, yes: bool) -> None:
    """Ask before any host is connected to; return if it may go on.

    Args:
        hosts: how many it is about.
        seconds: `--timeout`.
        with_kubeadm: the option; without it there is nothing to ask.
        yes: the option that answers.

    Raises:
        UsageError: the answer is no, there is nobody to ask, or nothing to answer.
        Exit: Ctrl-C.
    """
    if not with_kubeadm:
        if yes:
            raise UsageError("--yes answers the question of --with-kubeadm, which is not given")
        return
    if yes:
        return
    if not can_ask():
        raise UsageError("--with-kubeadm asks before it runs kubeadm; without a terminal say --yes")
    question = (
        f"--with-kubeadm runs `kubeadm init|join phase preflight` on {plural(hosts, 'host')}, "
        "where kubeadm is installed.\n"
        f"kubeadm may pull images (minutes; --timeout gives a host {seconds:g} s), load the kernel "
        "module `configs` for a\nmoment, and make a cgroup to try the freezer. "
        "kscan itself changes nothing."
    )
    say(question)
    if not says_yes("Run it?"):
        raise UsageError("--with-kubeadm: not run, as answered; no host was connected to")
