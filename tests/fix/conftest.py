"""Every shell that a host may have."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.fix.host import SHELLS, Host


@pytest.fixture(params=SHELLS)
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Host:
    shell: str = request.param
    if shutil.which(shell.split(maxsplit=1)[0]) is None:
        pytest.skip(f"needs {shell.split(maxsplit=1)[0]}")
    return Host(tmp_path, shell)
