"""The page of the command names every subcommand, and each of them is there."""

from __future__ import annotations

import argparse

import pytest

from shopwright import cli
from tests.docs.pages import headings


def subcommands(parser: argparse.ArgumentParser) -> set[str]:
    """Every complete command below this parser, as one types it."""
    groups = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not groups:
        return {parser.prog}
    return {name for group in groups for child in group.choices.values() for name in subcommands(child)}


def test_every_subcommand_has_its_heading_and_no_heading_is_without_one():
    assert headings("command.md") == subcommands(cli._parser())


def test_every_subcommand_explains_itself(capsys):
    for command in subcommands(cli._parser()):
        with pytest.raises(SystemExit) as ended:
            cli.main([*command.split()[1:], "--help"])
        assert ended.value.code == 0
        assert command in capsys.readouterr().out
