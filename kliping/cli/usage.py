"""Mistakes in the command line, as sentences in one style: what is wrong, what is right, and where to read more.

Typer's own messages come from click and pydantic, in their terms and not in ours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from typer.core import TyperOption

NEEDED = {
    "ID": "an article's id or URL, like 1f3a9c20",
    "QUERY": "a query, like 'gempa Ternate'",
    "SOURCE": "a source, like antara",
    "PATH": "a file or a folder",
    "FILE": "a file",
    "INDEX": "an index, as `kliping index list` shows it",
    "URL": "the URL of an article",
}
"""What a missing argument is, by its metavar."""

MEANT = {"version": "`kliping --version`", "help": "`kliping --help`"}
"""Commands that other programs have and Kliping has as an option."""


def sentence(mistake: typer.TyperException) -> str:
    """What is wrong in the command line, and the next step."""
    message = mistake.format_message()
    if message.startswith("Usage: "):  # a group without a command: the message is its help
        return message
    context: typer.Context | None = getattr(mistake, "ctx", None)
    if context is None:
        for clicks, ours in _WITHOUT_CONTEXT:
            message = re.sub(clicks, ours, message)
        return message
    for pattern, rewrite in _REWRITES:
        if match := re.match(pattern, message):
            return rewrite(match[1], context)
    return f"{_bad_value(mistake).rstrip('.')}. See `{context.command_path} --help`."


def no_option(option: str, context: typer.Context) -> str:
    """An option that the command does not have."""
    known = [name for parameter in context.command.params for name in parameter.opts if name.startswith("-")]
    similar = get_close_matches(option, known, n=1, cutoff=0.7)
    meant = f"Did you mean {similar[0]}? " if similar else ""
    return f"There is no option {option}. {meant}`{context.command_path} --help` lists all options."


def _no_command(name: str, context: typer.Context) -> str:
    path = context.command_path
    similar = get_close_matches(name, getattr(context.command, "commands", ()), n=1, cutoff=0.5)
    meant = MEANT.get(name, f"`{path} {similar[0]}`" if similar else "")
    return (
        f"There is no command {name}. {f'Did you mean {meant}? ' if meant else ''}`{path} --help` lists all commands."
    )


def _too_much(words: str, context: typer.Context) -> str:
    takes = " ".join(_metavar(each) for each in _parameters(context, "argument"))
    path = context.command_path
    most = f"only {takes}" if takes else "no argument"
    return f"{_name(context)} takes {most}; {words!r} is too much. See `{path} --help`."


def _missing(_: str, context: typer.Context) -> str:
    """All required arguments and options that were not given; those that were given are in the context already."""
    missing = [
        f"{each.opts[0]} {_metavar(each)}"
        if kind == "option"
        else NEEDED.get(_metavar(each).rstrip("."), _metavar(each))
        for kind in ("argument", "option")
        for each in _parameters(context, kind)
        if each.required and each.name not in context.params
    ]
    return f"{_name(context)} needs {_listed(missing)}. See `{context.command_path} --help`."


_REWRITES: tuple[tuple[str, Callable[[str, typer.Context], str]], ...] = (
    (r"No such option: (\S+)", no_option),
    (r"No such command '(.*?)'", _no_command),
    (r"Got unexpected extra argument\(s\) \((.*)\)", _too_much),
    (r"(Missing (?:option|argument|parameter))", _missing),
)
"""Click's messages, and the function that says the same in our words."""

_WITHOUT_CONTEXT = (
    (r"Option '(.*)' requires an argument", r"\1 needs a value after it"),
    (r"Option '(.*)' does not take a value", r"\1 takes no value"),
)
"""Click's messages that do not know the command, and ours."""


def _bad_value(mistake: typer.TyperException) -> str:
    """A value that an option or argument cannot have."""
    parameter: TyperOption | None = getattr(mistake, "param", None)
    problems: Sequence[Any] = getattr(mistake.__cause__, "errors", list)()
    if parameter is None:
        return mistake.message
    name = parameter.opts[0] if parameter.param_type_name == "option" else _metavar(parameter)
    if not problems:
        return f"{name} {mistake.message}"
    value, kind = problems[0]["input"], problems[0]["type"]
    if kind == "value_error":
        return f"{name} cannot be {value!r}. {problems[0]['ctx']['error']}"
    return f"{name} cannot be {value!r}. It is {_range(parameter)}"


def _range(parameter: TyperOption) -> str:
    kind = "a number of seconds" if _metavar(parameter) == "SECONDS" else "a whole number"
    low, high = parameter.min, parameter.max
    if low is None:
        return kind
    return f"{kind}, {low:g} or more" if high is None else f"{kind} from {low:g} to {high:g}"


def _name(context: typer.Context) -> str:
    """The command as a person would call it: "demo", "index drop"."""
    return context.command_path.partition(" ")[2] or context.command_path


def _parameters(context: typer.Context, kind: str) -> list[Any]:
    return [each for each in context.command.params if each.param_type_name == kind]


def _metavar(parameter: Any) -> str:
    return parameter.metavar or str(parameter.name).upper()


def _listed(parts: Iterable[str]) -> str:
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last
