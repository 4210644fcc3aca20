"""What a row of these tables is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Parse: TypeAlias = Callable[[str], object]
Accepted: TypeAlias = tuple[tuple[Parse, str, object], ...]
"""A parser, what its section prints, and the fact that it becomes."""
Refused: TypeAlias = tuple[tuple[Parse, str], ...]
"""A parser, and what its section never prints."""
