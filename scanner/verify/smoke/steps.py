"""What the smoke test tries, in its order, and what each needs."""

from __future__ import annotations

from enum import StrEnum


class Smoke(StrEnum):
    """The ids of its results."""

    CREATE = "KS841"
    SCALE = "KS842"
    ADDRESS = "KS843"
    NAME = "KS844"
    UPDATE = "KS845"
    ROLLBACK = "KS846"
    DELETE = "KS847"


NEEDS = {
    Smoke.SCALE: Smoke.CREATE,
    Smoke.ADDRESS: Smoke.SCALE,
    Smoke.NAME: Smoke.ADDRESS,
    Smoke.UPDATE: Smoke.ADDRESS,
    Smoke.ROLLBACK: Smoke.UPDATE,
}
"""Step -> the one that must have gone well; what is made is deleted in any case."""
SMOKE_TITLES = {
    Smoke.CREATE.value: "workload made from YAML",
    Smoke.SCALE.value: "workload scaled out",
    Smoke.ADDRESS.value: "new pods served by the Service",
    Smoke.NAME.value: "Service found by its name",
    Smoke.UPDATE.value: "rolling update, no failed request",
    Smoke.ROLLBACK.value: "rollback",
    Smoke.DELETE.value: "workload deleted",
}
