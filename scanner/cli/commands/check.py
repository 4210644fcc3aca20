"""`kscan check`: probe, judge, show, write reports."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scanner.cli import options as opt
from scanner.cli.groups import Choice, Hosts, Login, Pace, Shown, Told, Trust
from scanner.cli.paths import path


def check(
    *,
    hosts: Hosts,
    choice: Choice,
    login: Login,
    trust: Trust,
    pace: Pace,
    save_captures: Annotated[
        Path | None,
        typer.Option(
            parser=path("--save-captures"),
            metavar="DIR",
            help="Keep each host's raw answer in DIR.",
        ),
    ] = None,
    network: opt.NetworkOption = None,
    cni_profile: opt.CniProfileOption = None,
    etcd_fsync: Annotated[
        bool,
        typer.Option(
            "--etcd-fsync",
            help="Time fsync on the disk of etcd's dataDir: WRITES up to 22 MiB there, 10 s at "
            "most, to a file without a name; not where etcd's data is.",
        ),
    ] = False,
    registry: Annotated[
        bool,
        typer.Option(
            "--registry",
            help="Let each host ask the image registry for one manifest, without credentials; "
            "nothing is pulled.",
        ),
    ] = False,
    with_kubeadm: Annotated[
        bool,
        typer.Option(
            "--with-kubeadm",
            help="Run each host's own kubeadm preflight too, after asking: it may pull images.",
        ),
    ] = False,
    yes: Annotated[
        bool, typer.Option("-y", "--yes", help="Answer yes to the question of --with-kubeadm.")
    ] = False,
    shown: Shown,
    strict: opt.Strict = False,
    told: Told,
) -> None:
    """Say what kubeadm's preflight would say on every host; nothing is changed on them.

    Then the hosts dial each other; with --network sample or full they listen for it, for a minute
    at most and on no port that is in use.

    Only --etcd-fsync writes anything, and only --registry asks others than the hosts.

    Only --with-kubeadm runs kubeadm itself, which may pull images and load a kernel module.

    Exit status: 0 ready, 2 usage or inventory error, 3 a check failed, 4 a host is unreachable or
    something that could block is not known, 5 warnings (with --strict), 130 interrupted.
    """
    # The rest is imported when a check really runs, so that --help stays quick.
    from scanner.cli.asked import (
        Asked,
        asked_measures,
        asked_network,
        asked_request,
        asked_selection,
        overrides_of,
    )
    from scanner.cli.consent import consent
    from scanner.cli.document import output_of
    from scanner.cli.log import logs
    from scanner.cli.machines import ssh_or_local
    from scanner.cli.run import run_scan
    from scanner.cli.secrets import Secrets
    from scanner.inventory.overrides import Loaded
    from scanner.preflight import ask_kubeadm
    from scanner.rules.note import running
    from scanner.scan_options import ScanOptions
    from scanner.secrets.redact import Redactor, redacting

    said = overrides_of(
        trust, login, kubernetes_version=choice.kubernetes_version, cni_profile=cni_profile
    )
    loaded = asked_request(Asked.of(choice, hosts.named, hosts.host), said)
    selection = asked_selection(loaded.request, choice)
    consent(len(loaded.request.hosts), pace.timeout, with_kubeadm=with_kubeadm, yes=yes)
    secrets = Secrets()
    request = secrets.read(loaded.request)
    with redacting(Redactor(secrets.all)), logs(told.verbose, told.log_file):
        status = run_scan(
            Loaded(request, (*loaded.notes, *running(request, selection), *secrets.notes())),
            ssh_or_local(request.hosts),
            ScanOptions(
                selection,
                pace.concurrency,
                pace.timeout,
                save_captures,
                ask_kubeadm if with_kubeadm else None,
                asked_network(network, request, selection),
                asked_measures(etcd_fsync=etcd_fsync, registry=registry),
            ),
            output_of(shown, told, strict=strict),
        )
    raise typer.Exit(status)
