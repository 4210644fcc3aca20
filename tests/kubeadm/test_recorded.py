"""What real kubeadms printed, held against what kscan knows of their versions."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from scanner.checks import CATALOGUE
from scanner.cluster.action import Command, File
from scanner.cluster.sequence import FINISH, INIT, RESET
from scanner.evaluate import evaluate
from scanner.kubeadm import cri_sockets, feature_gates, releases
from scanner.kubeadm.config import Discovery
from scanner.kubeadm.config_api import ConfigApi
from scanner.kubeadm.images import wanted
from scanner.request import Cluster, ContainerRuntime, LocalEtcd
from scanner.verdict import Verdict
from scanner.versions import Version, parse_version
from tests.cluster.whole_plan import whole
from tests.hosts import facts, kubeadm
from tests.kubeadm.configurations import CONFIGURATIONS, Configuration
from tests.kubeadm.record import GOLDEN, own_text

HERE = Path(__file__).parent
RECORDS: dict[str, dict[str, Any]] = {
    path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))
    for path in sorted((HERE / "recorded").glob("*.yaml"))
}
REFUSING = frozenset({"KS113", "KS115", "KS116", "KS117"})
"""kscan's rows for what kubeadm refuses before its first check."""
SAME = {"300s": "5m0s"}
LEFT_TO_THE_API_SERVER = {
    "v1.14.10": {"services 10.96.0.0/11", "services fd00::/107"},
}
"""What this kubeadm takes and its kube-apiserver refuses."""

every_record = pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)


def version_of(record: dict[str, Any]) -> Version:
    return parse_version(record["version"])


def test_each_record_is_of_another_version() -> None:
    assert {name: record["version"] for name, record in RECORDS.items()} == {
        "v1.14.10": "v1.14.10",
        "v1.20.2": "v1.20.2",
        "v1.22.3": "v1.22.3",
        "v1.28.7": "v1.28.7",
    }


@every_record
@pytest.mark.parametrize("repository", ["", "registry.example/k8s"])
def test_the_images(record: dict[str, Any], repository: str) -> None:
    version = version_of(record)
    found = wanted(version, version, repository, local_etcd=True)
    assert list(found.names) == record["images"][repository]
    assert not found.unknown


@every_record
def test_etcd_of_the_minor_before(record: dict[str, Any]) -> None:
    version = version_of(record)
    found = wanted(version, version.replace(minor=version.minor - 1), "", local_etcd=True)
    assert any(name.endswith(f"/etcd:{record['etcd before']}") for name in found.names)
    assert not found.unknown


@every_record
def test_the_feature_gates_and_which_are_on(record: dict[str, Any]) -> None:
    version = version_of(record)
    known = [name for name in feature_gates.GATES if feature_gates.known(name, version)]
    assert {name: feature_gates.enabled(name, version, {}) for name in known} == record["gates"]


@every_record
def test_the_defaults(record: dict[str, Any]) -> None:
    """What an inventory says nothing of is for kscan what it is for kubeadm."""
    cluster, kinds = Cluster(), record["defaults"]
    init, made = kinds["InitConfiguration"], kinds["ClusterConfiguration"]
    assert init["localAPIEndpoint"]["bindPort"] == cluster.bind_port
    assert made["clusterName"] == cluster.name
    assert {name: value for name, value in made["networking"].items() if value} == {
        "dnsDomain": cluster.dns_domain,
        "serviceSubnet": ",".join(cluster.service_subnets),
    }
    version = version_of(record)
    images = wanted(version, version, "", local_etcd=True).names
    assert made["imageRepository"] == images[0].rpartition("/")[0]
    assert made["etcd"] == {"local": {"dataDir": LocalEtcd().data_dir}}
    choice = cri_sockets.choose(ContainerRuntime.AUTO, None, frozenset(), version)
    socket = init["nodeRegistration"]["criSocket"]
    assert socket.removeprefix("unix://").removeprefix("/var") == choice.socket.removeprefix("/var")
    obeyed = releases.find(version).pull_policy
    policy = init["nodeRegistration"].get("imagePullPolicy")
    assert policy == (cluster.image_pull_policy if obeyed else None)
    seconds = f"{Discovery('192.0.2.1:6443', '').seconds}s"
    assert kinds["JoinConfiguration"]["discovery"]["timeout"] == SAME[seconds]


def programs_words(text: str) -> list[tuple[str, set[str]]]:
    """kubeadm's command and the options of each call in a text."""
    found = []
    for call in re.findall(r"^(?:NO_PROXY=\S+ )?kubeadm (.+)$", text, re.MULTILINE):
        words = call.split()
        first = next(n for n, word in enumerate(words) if word.startswith("-"))
        options = {word.partition("=")[0] for word in words if word.startswith("--")}
        found.append((" ".join(words[:first]), options))
    return found


@every_record
def test_every_option_that_kscan_gives_is_there(record: dict[str, Any]) -> None:
    minor = version_of(record).minor
    patches = (File("patches/etcd.yaml", "a\n"),)
    takes_patches = ConfigApi.of(version_of(record)).patches
    making = replace(whole(minor=minor), patches=patches if takes_patches else ())
    leaving = replace(whole(joined=True, minor=minor), named=frozenset({"node2", "node4"}))
    texts = [
        action.text
        for phases, plan in (((*INIT, *FINISH), making), (RESET, leaving))
        for phase in phases
        for host in phase.hosts(plan)
        for action in phase.actions(plan, host)
        if isinstance(action, Command)
    ]
    calls = [call for text in texts for call in programs_words(text)]
    assert {command for command, _ in calls} == {
        *("init", "init phase upload-certs", "join", "reset", "token create")
    }
    for command, options in calls:
        assert options <= set(record["options"][command].split()), command
    without_etcd = next(text for text in texts if "--skip-phases=" in text)
    assert "--kubeconfig" in without_etcd
    options = record["options"]["reset"].split()
    assert "--kubeconfig" in options
    # The script looks itself whether there are phases to skip; 1.14 has none.
    if "--skip-phases" in options:
        (skipped,) = re.findall(r"--skip-phases=([\w-]+)", without_etcd)
        assert skipped in record["reset"]
    else:
        assert minor == 14
        assert not record["reset"]


@every_record
def test_its_preflight_can_be_run_alone(record: dict[str, Any]) -> None:
    assert releases.find(version_of(record)).preflight_phase
    for verb in ("init", "join"):
        assert "--config" in record["options"][f"{verb} phase preflight"].split()


def said_again(own: Any, theirs: Any) -> bool:
    """Whether all that kscan wrote stands in what kubeadm made of it."""
    if isinstance(own, dict):
        return isinstance(theirs, dict) and all(
            name in theirs and said_again(value, theirs[name]) for name, value in own.items()
        )
    if isinstance(own, list):
        return len(own) == len(theirs) and all(map(said_again, own, theirs))
    return bool(SAME.get(own, own) == theirs)


@every_record
@pytest.mark.parametrize("name", ["init", "join-control-plane", "join-worker"])
def test_kubeadm_reads_in_a_document_what_kscan_wrote(record: dict[str, Any], name: str) -> None:
    text = own_text(GOLDEN / f"v1.{version_of(record).minor}" / f"{name}.yaml")
    own = {document["kind"]: document for document in yaml.safe_load_all(text)}
    theirs = {document["kind"]: document for document in record["documents"][name]}
    assert theirs
    # kube-proxy's and the kubelet's it leaves out of what it writes.
    assert own.keys() - theirs.keys() <= {"KubeProxyConfiguration", "KubeletConfiguration"}
    for kind, document in theirs.items():
        assert said_again(own[kind], document), kind


@every_record
def test_it_knows_every_field_of_the_versions_that_it_reads(record: dict[str, Any]) -> None:
    apis = {
        "v1.14.10": ("v1beta1",),
        "v1.20.2": ("v1beta1", "v1beta2"),
        "v1.22.3": ("v1beta2", "v1beta3"),
        "v1.28.7": ("v1beta3",),
    }
    understood = apis[record["version"]]
    assert record["reads"] == [
        f"v1.{release.minor}" for release in releases.RELEASES if release.config_api in understood
    ]


def test_what_is_not_said_again_is_seen() -> None:
    assert said_again({"a": [{"b": "300s"}]}, {"a": [{"b": "5m0s", "c": 1}], "d": 2})
    assert not said_again({"a": 1}, {"b": 1})
    assert not said_again({"a": [1]}, {"a": [1, 2]})


@every_record
@pytest.mark.parametrize("configuration", CONFIGURATIONS, ids=lambda found: found.name)
def test_what_kubeadm_refuses(record: dict[str, Any], configuration: Configuration) -> None:
    version = version_of(record)
    results = evaluate(CATALOGUE, facts(kubeadm(str(version))), configuration.target(version))
    ours = {result.check for result in results if result.verdict is Verdict.FAIL} & REFUSING
    left = configuration.name in LEFT_TO_THE_API_SERVER.get(record["version"], ())
    assert bool(ours) is bool(record["refused"][configuration.name] or left), ours
