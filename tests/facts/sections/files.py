"""Files of kubeadm, and what an earlier cluster has left."""

from __future__ import annotations

import datetime

from scanner.facts.certificates import Certificates, parse_certificates
from scanner.facts.leftovers import Leftovers, parse_leftovers
from scanner.facts.paths import Paths, PathState, parse_paths
from tests.facts.sections.row import Accepted, Refused

ACCEPTED: Accepted = (
    (
        parse_paths,
        "absent=/a\nfile=/b c\ndir-empty=/d\ndir-not-empty=/e\nmanifest=x.yaml",
        Paths(
            {
                "/a": PathState.ABSENT,
                "/b c": PathState.FILE,
                "/d": PathState.DIR_EMPTY,
                "/e": PathState.DIR_NOT_EMPTY,
            },
            ("x.yaml",),
        ),
    ),
    (
        parse_certificates,
        (
            "dir-not-empty=/pki\nhidden=/pki/etcd\nabsent=/c.pem\nexpires=270303082327 /pki/a.crt\n"
            "expires=500101000000 /pki/b.crt\nexpires=21261030082327 /pki/c d.crt\n"
            "unread=/pki/x.crt\ntruncated=yes"
        ),
        Certificates(
            {
                "/pki/a.crt": datetime.datetime(2027, 3, 3, 8, 23, 27, tzinfo=datetime.UTC),
                "/pki/b.crt": datetime.datetime(1950, 1, 1, tzinfo=datetime.UTC),
                "/pki/c d.crt": datetime.datetime(2126, 10, 30, 8, 23, 27, tzinfo=datetime.UTC),
            },
            ("/pki/etcd", "/pki/x.crt"),
            complete=False,
        ),
    ),
    (parse_certificates, "absent=/pki", Certificates({}, (), complete=True)),
    (
        parse_leftovers,
        "dir-not-empty=/etc/cni/net.d\ncni_config=a.conf\ninterface=cni0\ninterfaces=read",
        Leftovers({"/etc/cni/net.d": PathState.DIR_NOT_EMPTY}, ("a.conf",), ("cni0",)),
    ),
)

REFUSED: Refused = (
    (parse_paths, ""),
    (parse_certificates, ""),
    (parse_certificates, "absent=/pki\nexpires=2703030823 /pki/a.crt"),
    (parse_certificates, "absent=/pki\nexpires=271303082327 /pki/a.crt"),
    (parse_leftovers, "interfaces=read"),
    (parse_leftovers, "absent=/etc/cni/net.d"),
)
