"""What this host has and lacks for mindjam, as findings with remedies."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib import metadata
from pathlib import Path

from bot.finding import Finding
from bot.settings import Settings
from bot.storage_findings import clips_folder, database
from musicgen_core.errors import MusicGenError

REINSTALL = "delete .venv and run ./mindjam again"
IMPORT_SECONDS = 120
ENOUGH_MEMORY = 4 << 30
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


def examine(settings: Settings) -> Iterator[Finding]:
    """Yield every finding, the slow ones last."""
    yield python()
    yield cores()
    yield memory()
    yield from packages()
    yield token(settings)
    yield chromium()
    yield database(settings)
    yield clips_folder(settings)
    yield hub(settings)
    yield frameworks()
    yield engine(settings)
    for source in settings.models.values():
        yield checkpoint(source)


def python() -> Finding:
    """Say which Python runs."""
    version = platform.python_version()
    if platform.python_version_tuple()[:2] == ("3", "11"):
        return Finding("python", "ok", version)
    return Finding("python", "bad", version, "install Python 3.11 and run ./mindjam with it")


def cores(cgroup: Path = Path("/sys/fs/cgroup")) -> Finding:
    """Say how many cores can really be used: affinity and the container's quota."""
    usable = float(len(os.sched_getaffinity(0)))
    quota, _, period = _first_line(cgroup / "cpu.max").partition(" ")
    if quota.isdigit() and period.isdigit():
        usable = min(usable, int(quota) / int(period))
    text = f"{usable:g} usable of {os.cpu_count()}"
    if usable < 2:
        return Finding("cores", "note", text, "two or more make clips much sooner")
    return Finding("cores", "ok", text)


def memory(meminfo: Path = Path("/proc/meminfo"), cgroup: Path = Path("/sys/fs/cgroup")) -> Finding:
    """Say how much memory there is, the container's limit included."""
    try:
        lines = meminfo.read_text("ascii").splitlines()
    except OSError:
        return Finding("memory", "note", "unknown")
    sizes = {
        name: int(rest.split()[0]) << 10 for name, _, rest in (x.partition(":") for x in lines)
    }
    total, available = sizes["MemTotal"], sizes["MemAvailable"]
    limit = _first_line(cgroup / "memory.max")
    if limit.isdigit():
        total, available = min(total, int(limit)), min(available, int(limit))
    text = f"{available / (1 << 30):.1f} GiB free of {total / (1 << 30):.1f}"
    if total < ENOUGH_MEMORY:
        return Finding("memory", "note", text, "musicgen-small wants 4 GiB; builtin needs less")
    return Finding("memory", "ok", text)


def packages() -> Iterator[Finding]:
    """Say the versions of what the bot stands on."""
    for name in ("discord.py", "aiohttp", "soundfile", "librosa", "transformers"):
        try:
            yield Finding(name, "ok", metadata.version(name))
        except metadata.PackageNotFoundError:
            yield Finding(name, "bad", "not installed", REINSTALL)


def token(settings: Settings) -> Finding:
    """Say whether there is a token, never which."""
    if settings.discord_token is not None and settings.discord_token.get_secret_value().strip():
        return Finding("Discord token", "ok", "present")
    return Finding(
        "Discord token", "note", "none; `mindjam run` needs one, `mindjam rehearse` does not",
        "get one at https://discord.com/developers/applications, Bot page -> DISCORD_TOKEN",
    )  # fmt: skip


def chromium() -> Finding:
    """Say whether the room's test has a browser."""
    for name in CHROMIUM_NAMES:
        if path := shutil.which(name):
            return Finding("Chromium", "ok", path)
    return Finding("Chromium", "note", "not found; only tests need it", "apt install chromium")


def hub(settings: Settings) -> Finding:
    """Say where models would be downloaded from."""
    endpoint = settings.hub_endpoint or os.environ.get("HF_ENDPOINT") or "the hub's own address"
    offline = os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}
    return Finding("model hub", "ok", endpoint + (", offline (HF_HUB_OFFLINE)" if offline else ""))


def frameworks() -> Finding:
    """Import MindSpore and MindNLP in a process of their own."""
    try:
        versions = ", ".join(
            f"{name} {metadata.version(name)}" for name in ("mindspore", "mindnlp")
        )
    except metadata.PackageNotFoundError as exc:
        return Finding("MindSpore", "bad", f"{exc.name} is not installed", REINSTALL)
    code = "import mindspore, mindnlp"
    try:
        subprocess.run(  # noqa: S603
            [sys.executable, "-c", code], capture_output=True, check=True, timeout=IMPORT_SECONDS
        )
    except subprocess.CalledProcessError as exc:
        last = exc.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        return Finding("MindSpore", "bad", f"{versions}, but: {' '.join(last)}", REINSTALL)
    except subprocess.TimeoutExpired:
        return Finding("MindSpore", "bad", f"{versions}, but the import hangs", REINSTALL)
    return Finding("MindSpore", "ok", f"{versions}; they import")


def engine(settings: Settings) -> Finding:
    """Say which engine the settings come down to, and why."""
    from musicgen_core.checkpoint.processor import read_config
    from musicgen_core.checkpoint.source import find_folder
    from musicgen_core.engines.select import choose_engine

    try:
        choice = choose_engine(settings.engine, settings.precision, settings.attention_cache)
    except (MusicGenError, ImportError) as exc:
        return Finding("engine", "bad", str(exc), REINSTALL)
    if _is_here(settings.model):
        with suppress(MusicGenError, ImportError):  # the checkpoint has a finding of its own
            choice = choice.fitted(read_config(find_folder(settings.model)))
    return Finding("engine", "ok", f"{choice.engine}, {choice.precision}: {choice.why}")


def checkpoint(name: str) -> Finding:
    """Say whether a model's files are here and whole; a hub name is only looked up, not got."""
    subject = "checkpoint"
    if not _is_here(name):
        return _hub_checkpoint(name)
    from musicgen_core.checkpoint.loading import load_checkpoint

    try:
        loaded = load_checkpoint(name)
    except (MusicGenError, ImportError) as exc:
        return Finding(subject, "bad", str(exc))
    return Finding(subject, "ok", f"{name}. {loaded.note}".strip())


def _is_here(name: str) -> bool:
    return name == "builtin" or Path(name).exists()


def _hub_checkpoint(name: str) -> Finding:
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.utils import HFValidationError

    try:
        cached = try_to_load_from_cache(name, "config.json")
    except HFValidationError:
        return Finding(
            "checkpoint", "bad", f"{name} is neither a folder nor a name on the hub",
            "give a folder that exists, or a name such as facebook/musicgen-small",
        )  # fmt: skip
    if isinstance(cached, str):
        return Finding("checkpoint", "ok", f"{name}, downloaded to {Path(cached).parent}")
    return Finding("checkpoint", "note", f"{name} will be downloaded when it is first used")


def _first_line(path: Path) -> str:
    try:
        return path.read_text("ascii").strip()
    except OSError:
        return ""
