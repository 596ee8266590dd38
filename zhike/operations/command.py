"""The `zhike` command: a table of names, each loaded only when it is asked for.

A module offers commands in its `commands.py`: plain functions with typer's annotations. The table names
them; docs/how-to/add-a-command.md says how. Exit codes: 0 done, 1 refused or partly done, 2 wrong use.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Command:
    """One entry. ``target``: ``module:function``, or ``module:app`` of a typer application with sub-commands."""

    name: str
    target: str
    help: str
    django: bool = True  # set Django up, and have the database run, before it


COMMANDS = (
    Command("up", "zhike.operations.commands:up", "Run everything on this machine; Ctrl-C stops it.", django=False),
    Command("migrate", "zhike.operations.commands:migrate", "Bring the database up to this version."),
    Command("import", "zhike.records.commands:import_file", "Read records from a file."),
    Command("export", "zhike.records.commands:export_file", "Write records to a file."),
    Command("sample-company", "zhike.sample_company.commands:sample_company", "Fill an empty system with a sample."),
    Command("policy", "zhike.policy.commands:app", "The written policy: policy run|simulate|replay|explain."),
    Command("won-sums", "zhike.sales.commands:won_sums", "Check the sums of won deals; --rebuild adds them up anew."),
    Command("token", "zhike.integrations.commands:app", "API tokens: token create USER [--scope …]."),
    Command("backup", "zhike.operations.commands:backup", "Keep database, files and secrets in one file."),
    Command("restore", "zhike.operations.commands:restore", "Bring a backup back.", django=False),
    Command("doctor", "zhike.operations.commands:doctor", "Look for what is wrong, and say what to do.", django=False),
    Command("bench", "benchmarks.commands:bench", "Measure; see docs/benchmarks.md."),
    Command("manage", "zhike.operations.commands:manage", "For developers: Django's own commands."),
)

USAGE = "Usage: zhike COMMAND [--data DIR] …\n\nDIR holds database, files, secrets and logs (./var).\n"


def main(arguments: list[str] | None = None) -> int:
    """Run one command line; the answer is the exit code."""
    keep_bytecode()
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if not arguments or arguments[0] in {"-h", "--help", "help"}:
        sys.stdout.write(usage())
        return 0 if arguments else 2
    found = next((command for command in COMMANDS if command.name == arguments[0]), None)
    if found is None:
        sys.stderr.write(f"There is no command “{arguments[0]}”.\n\n{usage()}")
        return 2
    try:
        rest = take_data_option(arguments[1:])
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return run(found, rest)


def keep_bytecode() -> None:
    """Have modules compiled once, though the environment (that of many container images) says not to keep it:
    each of our processes would compile all of them anew, a start has seven."""
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def usage() -> str:
    """The list of commands."""
    return USAGE + "\n" + "".join(f"  {command.name:<16}{command.help}\n" for command in COMMANDS)


def take_data_option(arguments: list[str]) -> list[str]:
    """Take ``--data DIR`` out of the arguments, wherever it stands, and make it the data folder."""
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            return [*rest, word, *words]
        name, equals, value = word.partition("=")
        if name != "--data":
            rest.append(word)
            continue
        folder = value if equals else next(words, "")
        if not folder:
            raise ValueError("--data needs a folder.")
        os.environ["ZHIKE_DATA_DIR"] = os.path.abspath(folder)
    return rest


def run(command: Command, arguments: list[str]) -> int:
    """Load the command and run it, with everything it needs around it."""
    from config.env import UnknownSetting
    from zhike.operations.installation import NotReady, django_ready

    around: Callable[[], AbstractContextManager[Any]] = django_ready if command.django else nullcontext
    asks_help = "--help" in arguments and command.name != "manage"
    try:
        with nullcontext() if asks_help and not command.django else around_help(around, asks_help):
            return call(command, arguments)
    except (NotReady, UnknownSetting, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return 1


def around_help(around: Callable[[], AbstractContextManager[Any]], asks_help: bool) -> AbstractContextManager[Any]:
    """What a command runs in; asking for help starts no database."""
    if not asks_help:
        return around()
    from zhike.operations.installation import django_without_database

    return django_without_database()


def call(command: Command, arguments: list[str]) -> int:
    """Parse the arguments and call the function behind the name."""
    import typer

    module_name, _, attribute = command.target.partition(":")
    target = getattr(importlib.import_module(module_name), attribute)
    if isinstance(target, typer.Typer):
        application = target
    else:
        application = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
        settings = {"ignore_unknown_options": True} if command.name == "manage" else None
        application.command(name=command.name, context_settings=settings, add_help_option=command.name != "manage")(
            target
        )
    try:
        answer = application(args=arguments, prog_name=f"zhike {command.name}", standalone_mode=False)
    except Exception as error:  # noqa: BLE001
        return told(error)
    return answer if isinstance(answer, int) else 0


def told(error: Exception) -> int:
    """Say what went wrong in one line: 2 for wrong use, 1 for a refusal; a bug keeps its traceback."""
    import typer

    from zhike.kernel.errors import DomainError

    if isinstance(error, typer.Exit):
        return error.exit_code
    if isinstance(error, typer.Abort):
        return 1
    if show := getattr(error, "show", None):  # typer's complaint about the command line
        show()
        return int(getattr(error, "exit_code", 2))
    if isinstance(error, DomainError):
        lines = [str(error.message), *(f"  {name}: {text}" for name, text in error.fields.items())]
        sys.stderr.write("\n".join(lines) + "\n")
        return 1
    raise error
