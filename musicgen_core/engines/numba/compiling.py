"""Numba: functions compiled at their first call, and what of them is kept on disk."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core.caching import NullCache

from musicgen_core.engines.sources import digest_of
from musicgen_core.host import user_cache

F = TypeVar("F", bound=Callable[..., Any])
_COMPILED: list[Any] = []
_OTHERS = 3
"""Versions whose functions are kept beside our own."""


def compiled(function: F) -> F:
    """Compile a function whose sums may be taken in any order, so that they fill a register.

    It is compiled at the first call, or taken from disk; it runs without the GIL.
    """
    return _compiled(function, {"reassoc", "contract", "nsz", "arcp"})


def compiled_strictly(function: F) -> F:
    """Compile a function whose arithmetic is done as it stands there."""
    return _compiled(function, set())


def distrust() -> None:
    """Forget what was compiled before, and keep nothing on disk any more in this process.

    Numba has no public way to do either.
    """
    for function in _COMPILED:
        with suppress(OSError):
            function._cache.flush()  # noqa: SLF001
        function._cache = NullCache()  # noqa: SLF001


def kept_below(cache: Path, package: Path) -> Path:
    """Return the folder for what is compiled of a package, another after any change in it.

    Functions have those that they call within them, of which Numba looks at their own files only.
    Of older folders the last few stay, for other versions that are in use.
    """
    folder = cache / digest_of(package)[:16]
    if not folder.exists():
        with suppress(OSError):
            others = sorted(cache.iterdir(), key=lambda other: other.stat().st_mtime)
            for old in others[: -_OTHERS or None]:
                shutil.rmtree(old, ignore_errors=True)
    return folder


@cache
def _folder() -> str:
    found = user_cache()
    return str(kept_below(found / "compiled", Path(__file__).parent)) if found else ""


def _compiled(function: F, relaxed: set[str]) -> F:
    jit = partial(numba.njit, nogil=True, fastmath=relaxed, error_model="numpy")
    config: Any = numba.config
    others, config.CACHE_DIR = config.CACHE_DIR, _folder()
    try:
        made = jit(cache=True)(function)
    except RuntimeError:  # there is no folder that it could be kept in
        made = jit()(function)
    finally:
        config.CACHE_DIR = others
    _COMPILED.append(made)
    return cast("F", made)
