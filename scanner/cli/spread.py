"""Options that go together: a command's parameter may be a dataclass, whose fields are options."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from inspect import Parameter
from typing import Any, get_type_hints


def spread(command: Callable[..., None]) -> Callable[..., None]:
    """Show typer the fields of each group in the group's place, and give the command the group.

    typer makes an option of each parameter and knows no group of them.

    Args:
        command: what stands in its signature, and in its groups, is annotated for typer.
    """
    hints = get_type_hints(command, include_extras=True)
    groups: dict[str, Any] = {}
    options: list[Parameter] = []
    for name, parameter in inspect.signature(command).parameters.items():
        if is_dataclass(hints[name]):
            groups[name] = hints[name]
            options.extend(_options(hints[name]))
        else:
            options.append(
                Parameter(
                    name,
                    Parameter.KEYWORD_ONLY,
                    default=parameter.default,
                    annotation=hints[name],
                )
            )

    @functools.wraps(command)
    def called_by_typer(**given: Any) -> None:
        for name, group in groups.items():
            given[name] = group(**{field.name: given.pop(field.name) for field in fields(group)})
        command(**given)

    called_by_typer.__signature__ = inspect.Signature(options)  # type: ignore[attr-defined]
    called_by_typer.__annotations__ = {option.name: option.annotation for option in options}
    return called_by_typer


def _options(group: Any) -> Iterator[Parameter]:
    hints = get_type_hints(group, include_extras=True)
    for field in fields(group):
        yield Parameter(
            field.name,
            Parameter.KEYWORD_ONLY,
            default=field.default,
            annotation=hints[field.name],
        )
