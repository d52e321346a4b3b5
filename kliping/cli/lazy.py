"""Commands whose modules are imported only when they run, so that `kliping --help` stays fast."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption
from typer.main import get_group

if TYPE_CHECKING:  # Typer has no public name for the types that `make_context` takes and returns
    from typer._click import Command, Context


class LazyCommand(TyperCommand):
    """Command or group known by its summary. Its module is imported when it runs or shows its own help."""

    def __init__(self, name: str, target: str, summary: str, context_settings: dict[str, object] | None = None) -> None:
        """`target` is "module:attribute"; the attribute is a function, or the Typer of a group."""
        super().__init__(name, help=summary, rich_markup_mode=None)
        self.target = target
        self._settings = context_settings

    def load(self) -> Command:
        """Import the command."""
        module, _, attribute = self.target.partition(":")
        loaded = getattr(import_module(module), attribute)
        parent = typer.Typer(rich_markup_mode=None, callback=_nothing)
        if isinstance(loaded, typer.Typer):
            parent.add_typer(loaded, name=self.name)
        else:
            parent.command(name=self.name, context_settings=self._settings)(loaded)
        (command,) = get_group(parent).commands.values()
        _name_values(command)
        return command

    def make_context(
        self, info_name: str | None, args: list[str], parent: Context | None = None, **extra: Any
    ) -> Context:
        """Returns the context of the imported command, so that this command runs from here on."""
        return self.load().make_context(info_name, args, parent, **extra)


def lazy_typer(
    help: str, commands: Sequence[LazyCommand], context_settings: dict[str, Any] | None = None
) -> typer.Typer:
    """A group of lazy commands, listed in this order. Without arguments it prints its help."""

    class LazyGroup(TyperGroup):
        """Group that knows its commands without importing them."""

        def __init__(self, **attributes: Any) -> None:
            super().__init__(**attributes)
            self.commands.update({command.name: command for command in commands if command.name})

    return typer.Typer(
        cls=LazyGroup,
        callback=_nothing,
        help=help,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
        rich_markup_mode=None,
        context_settings=context_settings,
    )


METAVARS = {str: "TEXT", int: "NUMBER", float: "SECONDS", Path: "FILE"}
"""What help calls the value of a parameter that has no metavar of its own."""


def _name_values(command: Command) -> None:
    """Let help name values in words for people: "ID", not "ID <str>"; "--source TEXT", not "--source <list[str]>"."""
    for subcommand in getattr(command, "commands", {}).values():
        _name_values(subcommand)
    for parameter in command.params:
        if isinstance(parameter, TyperArgument):
            parameter.metavar = parameter.metavar or str(parameter.name).upper()
            setattr(parameter, "display_type_rich", lambda ctx: "")  # noqa: ARG005, B010  Typer appends its type to the metavar
        elif isinstance(parameter, TyperOption) and not parameter.is_flag and parameter.metavar is None:
            annotation = parameter.type_descriptor.annotation
            (element,) = get_args(annotation) or (annotation,)
            parameter.metavar = METAVARS.get(element)


def _nothing() -> None:
    """Callback of a group: Typer refuses to build a group that has neither a command nor a callback."""
