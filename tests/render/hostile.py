"""A report in which every text that a host, a name or a file can bring is hostile."""

from __future__ import annotations

from dataclasses import replace

from scanner.edges.measured import EdgePaths, PathsFrom
from scanner.edges.mode import Network
from scanner.edges.ports import Proto
from scanner.edges.report import By, EdgeRow, EdgesReport, EdgeState, ReportPort
from scanner.evaluate import Ignored
from scanner.report import HostVersions, Report
from tests.render.fleet import between_hosts, fail, host, report_of, unknown, unreachable, warn

WORDS = {
    "markup": "<script>alert('x')</script>\" & ]]> <!-- --> <img src=x onerror=alert(1)>",
    "ansi": "\x1b[31mred\x1b]0;title\x07 \x9b2J",
    "bidi": "\u202egnp.exe\u2066 \u200f\u061c",
    "hidden": "a\u200bb\ufeffc\u00add\U000e0041",
    "lines": "one\r\ntwo\nfake: PASS\u2028three\x85four",
    "nul": "nul\0nul \x01\x02\ufffe\uffff",
    "surrogate": "lone \ud800 and \udfff",
    "formula": "=cmd|'/c calc'!A1",
    "formulas": "+1+1 @SUM(A1) -2",
    "tab": "\t=1+1",
    "markdown": "| a | `b` ``c`` **d** _e_ [f](http://evil.example) ![g](x) # h ~~i~~ \\| \\",
    "mentions": "@everyone @org/team #12 GH-12 !3 www.evil.example http://evil.example :tada: $x$",
    "list": "1. one - two",
    "template": "{{ 7*7 }} ${x} %(name)s {0}",
    "comma": 'a,b;c"d"',
    "long": "x" * 5_000,
}


def hostile_report(word: str) -> Report:
    """Hosts, a result of each verdict, rules between hosts, edges and a header, all of one word."""
    bad = replace(
        fail(word, f"Run `{word}`.", word, word, word),
        kubeadm_says=(word,),
        ignored=None,
    )
    accepted = replace(warn(word, word), ignored=Ignored(word, word))
    evil = replace(
        host(
            f"evil{word}",
            word,
            Swap=bad,
            Hostname=unknown(word, blocking=True),
            Mem=unknown(word, blocking=False),
            SystemVerification=accepted,
        ),
        node_name=word,
        roles=(word,),
        role=word,
        notes=(word, f"kubeadm {word}"),
        versions=HostVersions(word, word),
        capture_id=word,
        facts={word: {word: word, "deep": [{word: word}]}},
    )
    evil = replace(
        evil,
        results=(
            *evil.results,
            replace(bad, check=f"KS9 {word}", kubeadm=None, subject=word),
            replace(bad, check="KS999", kubeadm=f"Port-{word}", subject=word),
        ),
    )
    lost = unreachable(f"lost{word}", word, word)
    fleet = [
        replace(
            result,
            subject=word,
            message=word,
            remedy=word,
            hosts=(evil.name,),
            findings=tuple(replace(f, message=word, hosts=(evil.name,)) for f in result.findings),
        )
        for result in between_hosts()
    ]
    made = report_of([host("good", "10.0.0.1"), evil, lost], fleet=tuple(fleet))
    header = replace(
        made.header,
        cluster=replace(made.header.cluster, name=word, kubernetes_version_from=word),
        run=replace(made.header.run, only=(word,), skip=(word,)),
        titles={**made.header.titles, "KS701": word},
    )
    names = ("good", evil.name)
    edges = EdgesReport(
        Network.FULL,
        (ReportPort(6443, Proto.TCP, word, word, word, needed=True),),
        2,
        {EdgeState.OPEN: 1, EdgeState.DROPPED: 1},
        sampled=False,
        rows=(EdgeRow(names[0], names[1], 6443, Proto.TCP, By.ADDRESS, EdgeState.DROPPED),),
        hosts=names,
        matrix=("-d", ".-"),
        paths=EdgePaths(
            names,
            (PathsFrom((1,), (None,), (1500,)), PathsFrom((0,), (12.5,), (1400,), (1300,))),
        ),
    )
    return replace(made, header=header, edges=edges)
