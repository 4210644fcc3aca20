from __future__ import annotations

from pathlib import Path

import pytest

from tests.cluster.machine import Machine
from tests.cluster.runs import NAMES


@pytest.fixture
def machines(tmp_path: Path) -> dict[str, Machine]:
    return {name: Machine.make(tmp_path / name) for name in NAMES}
