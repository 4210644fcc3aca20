from __future__ import annotations

from scanner.catalogue import EVERYTHING
from scanner.verify.catalogue import VERIFY_CATALOGUE
from scanner.verify.page import PATH, text
from scanner.verify.report import TITLES
from tests.command import Kscan


def test_the_page_is_in_sync() -> None:
    assert PATH.read_text(encoding="utf-8") == text(), "run `make docs`"


def test_ids_are_in_one_catalogue_only() -> None:
    ids = [check.id for check in EVERYTHING] + [step.id for step in VERIFY_CATALOGUE]
    assert len(set(ids)) == len(ids)
    assert len(TITLES) == len(set(TITLES.values()))


def test_every_step_says_what_it_reads_and_what_to_do() -> None:
    for step in VERIFY_CATALOGUE:
        assert "passes if" in step.description.lower(), step.id
        assert step.remedy.endswith((".", "`.")), step.id


def test_a_step_is_explained_and_listed(kscan: Kscan) -> None:
    assert "step 7 of `kubeadm init`" in kscan("explain", "KS807").out
    assert "KS807" in kscan("checks").out
