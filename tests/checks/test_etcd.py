from __future__ import annotations

import pytest

from scanner.facts.paths import PathState
from scanner.request import Cluster, ExternalEtcd, LocalEtcd
from scanner.target import Role
from tests.checks.rows import Row, fails, passes, skips, unknown
from tests.hosts import ETCD_FILES, EXTERNAL_ETCD, NOBODY, etcd_versions, paths, proxies

DATA = "/var/lib/etcd"
EXTERNAL = Cluster(etcd=EXTERNAL_ETCD)
PLAIN = Cluster(etcd=ExternalEtcd(EXTERNAL_ETCD.endpoints))
OTHER = Cluster(etcd=LocalEtcd("/data/etcd"))
CA, CERT, KEY = ETCD_FILES
ABSENT = PathState.ABSENT


def both(oldest: str) -> object:
    return etcd_versions("3.6.0", oldest)


def behind(no_proxy: str) -> object:
    return proxies(HTTPS_PROXY="http://proxy.example:3128", NO_PROXY=no_proxy)


REFUSED = etcd_versions("3.5.0", "", error="refused")


def version_rows() -> tuple[Row, ...]:
    table = (
        ("v1.13.0", "3.2.18", "3.2.17"),
        ("v1.20.2", "3.2.18", "3.2.17"),
        ("v1.27.16", "3.2.18", "3.2.18-rc.1"),
        ("v1.28.0", "3.4.13", "3.4.12"),
        ("v1.30.14", "3.4.13-4", "3.4.13-3"),
        ("v1.31.0", "3.5.11", "3.5.10"),
        ("v1.31.0", "3.5.11-0", "3.4.13"),
        ("v1.36.0", "3.5.24", "3.5.23"),
    )
    return (
        *(passes("KS603", both(good), version=v, cluster=EXTERNAL) for v, good, _ in table),
        *(fails("KS603", both(bad), version=v, cluster=EXTERNAL) for v, _, bad in table),
    )


ROWS = (
    passes("KS601", subject=DATA),
    passes("KS601", paths({DATA: PathState.DIR_EMPTY}), subject=DATA),
    fails("KS601", paths({DATA: PathState.DIR_NOT_EMPTY}), subject=DATA, words="not empty"),
    fails("KS601", paths({DATA: PathState.FILE}), subject=DATA, words="is a file"),
    fails("KS601", paths({DATA: PathState.DIR_UNREADABLE}), subject=DATA),
    unknown("KS601", NOBODY, paths({DATA: PathState.DIR_UNREADABLE}), subject=DATA),
    fails(
        "KS601",
        paths({"/data/etcd": PathState.DIR_NOT_EMPTY}),
        subject="/data/etcd",
        cluster=OTHER,
        role=Role.JOIN_CONTROL_PLANE,
    ),
    unknown("KS601", subject="/data/etcd", cluster=OTHER, words="not asked about /data/etcd"),
    skips("KS601", subject=DATA, role=Role.JOIN_WORKER),
    passes("KS602", cluster=EXTERNAL),
    fails("KS602", paths({CERT: ABSENT}), cluster=EXTERNAL, words=CERT, severities="E"),
    fails("KS602", paths({CA: ABSENT, KEY: ABSENT}), cluster=EXTERNAL, severities="EE"),
    fails("KS602", NOBODY, paths({CA: PathState.HIDDEN, KEY: ABSENT}), cluster=EXTERNAL, words=KEY),
    unknown("KS602", NOBODY, paths({CA: PathState.HIDDEN}), cluster=EXTERNAL),
    skips("KS602", paths({CA: ABSENT}), cluster=EXTERNAL, role=Role.JOIN_CONTROL_PLANE),
    fails("KS603", etcd_versions("3.4.0", ""), cluster=EXTERNAL, words="does not say"),
    fails("KS603", etcd_versions("", "3.1.0", error="refused"), cluster=EXTERNAL, severities="EE"),
    fails("KS603", etcd_versions("3.4.0", "new"), cluster=EXTERNAL, words="no version"),
    # a network in NO_PROXY, which a curl before 7.86 does not know
    unknown("KS603", REFUSED, behind("192.0.2.0/24"), cluster=EXTERNAL, words="7.86"),
    fails("KS603", REFUSED, behind("192.0.2.6"), cluster=EXTERNAL),
    fails("KS603", REFUSED, behind("10.0.0.0/8"), cluster=EXTERNAL),
    fails("KS603", REFUSED, behind("192.0.2.6,192.0.2.0/24"), cluster=EXTERNAL),
    passes("KS603", both("3.5.0"), behind("192.0.2.0/24"), cluster=EXTERNAL),
    unknown("KS603", etcd_versions("3.4.0"), cluster=EXTERNAL, words="not asked"),
    fails("KS603", etcd_versions("3.0.0"), cluster=EXTERNAL, severities="E"),
    unknown(
        "KS603", NOBODY, etcd_versions("3.4.0", "", error="key"), cluster=EXTERNAL, words="root"
    ),
    fails("KS603", NOBODY, etcd_versions("3.4.0", "", error="refused"), cluster=PLAIN),
    skips("KS603", etcd_versions("3.0.0"), cluster=EXTERNAL, role=Role.JOIN_CONTROL_PLANE),
    # between 1.32 and 1.35 some patch release raised it
    passes("KS603", both("3.5.24"), version="v1.33.0", cluster=EXTERNAL),
    unknown("KS603", both("3.5.23"), version="v1.33.0", cluster=EXTERNAL, words="3.5.24-0"),
    fails("KS603", both("3.5.10"), version="v1.33.0", cluster=EXTERNAL),
    *version_rows(),
)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_etcd(row: Row) -> None:
    row.prove()
