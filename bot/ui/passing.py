"""Ids of controls and forms that end with the process, by which the next one knows them."""

from __future__ import annotations

import re
import secrets

PROCESS = secrets.token_hex(4)
FORM = "form"
_TEMPLATE = re.compile(r"mindjam:passing:(?P<kind>[a-z]+):(?P<process>[0-9a-f]{8}):[0-9a-f]{16}")


def passing_id(kind: str) -> str:
    """Return a fresh id for a control of a page of this kind, or for a FORM."""
    return f"mindjam:passing:{kind}:{PROCESS}:{secrets.token_hex(8)}"


def bygone(custom_id: str) -> str | None:
    """Return what kind of page or form an earlier process gave this id to; None: no such id."""
    match = _TEMPLATE.fullmatch(custom_id)
    return match["kind"] if match and match["process"] != PROCESS else None
