"""`kscan check`: probe, judge, show, write reports."""

from __future__ import annotations

import typer

from scanner.cli import options as opt


def check(
    inventory: opt.Inventory = None,
    inventory_option: opt.InventoryOption = None,
    host: opt.Hosts = None,
    limit: opt.Limit = None,
    only: opt.Only = None,
    skip: opt.Skip = None,
    kubernetes_version: opt.KubernetesVersion = None,
    ignore_preflight_errors: opt.IgnoreErrors = None,
    master: opt.Master = None,
    user: opt.User = None,
    port: opt.Port = None,
    identity_file: opt.IdentityFile = None,
    jump: opt.Jump = None,
    sudo: opt.SudoOption = None,
    ask_pass: opt.AskPass = False,
    ask_sudo_pass: opt.AskSudoPass = False,
    host_keys: opt.HostKeysOption = None,
    timeout: opt.Timeout = 60.0,
    concurrency: opt.Concurrency = 256,
    save_captures: opt.SaveCaptures = None,
    network: opt.NetworkOption = None,
    cni_profile: opt.CniProfileOption = None,
    etcd_fsync: opt.EtcdFsync = False,
    registry: opt.RegistryOption = False,
    with_kubeadm: opt.WithKubeadm = False,
    yes: opt.Yes = False,
    format_: opt.FormatOption = None,
    output: opt.Output = None,
    show_all: opt.All = None,
    wide: opt.Wide = None,
    keep: opt.Keep = None,
    strict: opt.Strict = False,
    quiet: opt.Quiet = False,
    verbose: opt.Verbose = 0,
    log_file: opt.LogFile = None,
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
    )
    from scanner.cli.consent import consent
    from scanner.cli.document import Output
    from scanner.cli.log import logs
    from scanner.cli.machines import ssh_or_local
    from scanner.cli.run import run_scan
    from scanner.cli.secrets import Secrets
    from scanner.inventory.overrides import Loaded, Overrides
    from scanner.preflight import ask_kubeadm
    from scanner.rules.note import running
    from scanner.scan_options import ScanOptions
    from scanner.secrets.redact import Redactor, redacting

    overrides = Overrides(
        kubernetes_version=kubernetes_version,
        user=user,
        port=port,
        identity_file=identity_file,
        jump=jump,
        sudo=sudo,
        host_keys=opt.host_keys(host_keys),
        cni_profile=cni_profile,
        ask_password=ask_pass,
        ask_sudo_password=ask_sudo_pass,
    )
    asked = Asked(
        opt.one_inventory(inventory, inventory_option),
        tuple(host or ()),
        limit,
        master,
        tuple(ignore_preflight_errors or ()),
    )
    loaded = asked_request(asked, overrides)
    selection = asked_selection(loaded.request, only, skip)
    consent(len(loaded.request.hosts), timeout, with_kubeadm=with_kubeadm, yes=yes)
    secrets = Secrets()
    request = secrets.read(loaded.request)
    with redacting(Redactor(secrets.all)), logs(verbose, log_file):
        status = run_scan(
            Loaded(request, (*loaded.notes, *running(request, selection), *secrets.notes())),
            ssh_or_local(request.hosts),
            ScanOptions(
                selection,
                concurrency,
                timeout,
                save_captures,
                ask_kubeadm if with_kubeadm else None,
                asked_network(network, request, selection),
                asked_measures(etcd_fsync=etcd_fsync, registry=registry),
            ),
            Output(
                format_,
                output,
                show_all,
                strict=strict,
                quiet=quiet,
                bar=not verbose,
                wide=wide,
                keep=keep,
            ),
        )
    raise typer.Exit(status)
