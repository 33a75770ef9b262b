"""Options that several subcommands share, and the settings they change."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from bot.cli.failure import CommandFailed

if TYPE_CHECKING:
    from bot.settings import Profile, Settings

ENGINES = ("auto", "mindspore", "openvino", "numba", "mindnlp")
PRECISIONS = ("auto", "fp32", "fp16", "int8")


def add_model_options(parser: argparse.ArgumentParser) -> None:
    """Add --model, --engine and --precision; what is not given is left to the settings."""
    group = parser.add_argument_group("model")
    group.add_argument("--model", help="builtin, a name on the hub, or a checkpoint's folder")
    group.add_argument("--engine", choices=ENGINES, help="what computes (default: auto)")
    group.add_argument("--precision", choices=PRECISIONS, help="how exactly (default: auto)")


def settings_from(args: argparse.Namespace, profile: Profile) -> Settings:
    """Load the settings of a profile with the command line's model options on top.

    Raises:
        CommandFailed: a setting cannot be used.
    """
    from bot.settings import SettingsInvalid, load_settings

    given: dict[str, Any] = {
        name: value
        for name in ("model", "engine", "precision")
        if (value := getattr(args, name, None)) is not None
    }
    try:
        return load_settings(profile, **given)
    except SettingsInvalid as exc:
        raise CommandFailed(str(exc), status=2) from exc
