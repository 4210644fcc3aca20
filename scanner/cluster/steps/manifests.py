"""Manifests of the inventory, the network add-on first: applied once, and waited for at the end."""

from __future__ import annotations

import shlex
from collections.abc import Callable

from scanner.cluster.action import KUBECTL, Action, Command, File
from scanner.cluster.phase import Phase
from scanner.cluster.plan import ManifestFile, Plan
from scanner.versions import minor_floor

_SERVER_SIDE = minor_floor("1.18")
"""kubectl has --server-side without `experimental` in its name."""
MANIFEST = "manifest.yaml"
ROLLOUT_SECONDS = 600

_APPLY_SECONDS = 600.0
_WEBHOOK_TRIES = 60
"""Two minutes and more; by number, because clocks are set while a cluster comes up."""
# A custom resource cannot be applied in the moment after its definition; what a webhook of the same
# manifest must see, only when its pods run.
_APPLY = """\
tries=0
until said=$({kubectl} apply {options} -f {source} 2>&1); do
	printf '%s\\n' "$said"
	tries=$((tries + 1))
	most=5
	case $said in *'failed calling'*webhook* | *'conversion webhook'*) most={webhook} ;; esac
	[ "$tries" -lt "$most" ] || exit 1
	sleep 2
done
printf '%s\\n' "$said"
"""
_ROLLOUT = """\
set -e
list=$({kubectl} get -f {source} --no-headers \\
	-o custom-columns=K:.kind,NS:.metadata.namespace,N:.metadata.name) || exit 1
while read -r kind namespace name; do
	case $kind in
	DaemonSet | Deployment | StatefulSet)
		{kubectl} -n "$namespace" rollout status "$kind/$name" \\
			--timeout={seconds}s </dev/null || exit 1
		;;
	esac
done <<EOF
$list
EOF
"""


def _source(manifest: ManifestFile) -> tuple[str, tuple[File, ...]]:
    if manifest.is_url:
        return shlex.quote(manifest.source), ()
    return MANIFEST, (File(MANIFEST, manifest.text.rstrip("\n") + "\n"),)


def _apply(plan: Plan, manifest: ManifestFile) -> Command:
    source, files = _source(manifest)
    version = plan.member(plan.master).target.kubernetes
    options = "--server-side --field-manager=kscan" if version >= _SERVER_SIDE else ""
    text = _APPLY.format(kubectl=KUBECTL, options=options, source=source, webhook=_WEBHOOK_TRIES)
    return Command(plan.master, text, files, _APPLY_SECONDS)


def rollout(plan: Plan, manifest: ManifestFile) -> Command:
    """Waits until everything of the manifest that rolls out has done so."""
    source, files = _source(manifest)
    text = _ROLLOUT.format(kubectl=KUBECTL, source=source, seconds=ROLLOUT_SECONDS)
    return Command(plan.master, text, files, ROLLOUT_SECONDS + 60.0)


def _is_there(plan: Plan, manifest: ManifestFile) -> Command:
    """Everything of the manifest exists: what was changed by hand since then stays as it is."""
    source, files = _source(manifest)
    return Command(plan.master, f"{KUBECTL} get -f {source} -o name", files)


def _on_master(
    manifest: Callable[[Plan], ManifestFile | None],
) -> Callable[[Plan], tuple[str, ...]]:
    return lambda plan: (plan.master,) if manifest(plan) is not None else ()


def _cni(plan: Plan, _host: str) -> tuple[Action, ...]:
    return () if plan.cni is None else (_apply(plan, plan.cni),)


def _cni_done(plan: Plan, _host: str) -> Command | None:
    return None if plan.cni is None else _is_there(plan, plan.cni)


CNI = Phase(
    "cni",
    "the network add-on applied, on {host}",
    _on_master(lambda plan: plan.cni),
    _cni,
    _cni_done,
)


def _addons(plan: Plan, _host: str) -> tuple[Action, ...]:
    """Each after the one before it runs, which it may need."""
    commands = [
        command for addon in plan.addons for command in (_apply(plan, addon), rollout(plan, addon))
    ]
    return tuple(commands[:-1])  # the last one is waited for with all of them


def _addons_rolled_out(plan: Plan, _host: str) -> tuple[Action, ...]:
    """Also where they were applied by a run that was ended before they ran."""
    return tuple(rollout(plan, addon) for addon in plan.addons)


def _addons_done(plan: Plan, host: str) -> Command | None:
    """One command for all: each of them is in a file of its own."""
    wanted = [(_source(addon), number) for number, addon in enumerate(plan.addons)]
    files = []
    words = []
    for (source, given), number in wanted:
        name = f"addon-{number}.yaml" if given else source
        files += [File(name, file.text) for file in given]
        words.append(f"{KUBECTL} get -f {name} -o name")
    return Command(host, " && ".join(words), tuple(files)) if words else None


_SYSTEM = """\
set -e
for what in daemonset/kube-proxy deployment/coredns; do
	found=$({kubectl} -n kube-system get "$what" --ignore-not-found -o name)
	[ -z "$found" ] ||
		{kubectl} -n kube-system rollout status "$what" --timeout={seconds}s </dev/null
done
"""


def _system(_plan: Plan, host: str) -> tuple[Action, ...]:
    text = _SYSTEM.format(kubectl=KUBECTL, seconds=ROLLOUT_SECONDS)
    return (Command(host, text, seconds=ROLLOUT_SECONDS + 60.0),)


SYSTEM_ROLLED_OUT = Phase(
    "system-rollout",
    "kube-proxy and DNS rolled out, on {host}",
    _on_master(lambda plan: plan.cni),
    _system,
)
ADDONS = Phase(
    "addons",
    "the add-ons applied, on {host}",
    lambda plan: (plan.master,) if plan.addons else (),
    _addons,
    _addons_done,
)
ADDONS_ROLLED_OUT = Phase(
    "addons-rollout",
    "the add-ons rolled out, on {host}",
    lambda plan: (plan.master,) if plan.addons else (),
    _addons_rolled_out,
)
