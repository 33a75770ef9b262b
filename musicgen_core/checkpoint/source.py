"""From a name to a folder: the built-in checkpoint, a folder of one's own, a model of the hub."""

from __future__ import annotations

import os
import re
from pathlib import Path

from musicgen_core.errors import ModelUnavailable

BUILTIN = "builtin"
BUILTIN_FOLDER = Path(__file__).parent / "builtin"
NEEDED = (
    "README.md",
    "added_tokens.json",
    "config.json",
    "generation_config.json",
    "mindjam.json",
    "model-*-of-*.safetensors",
    "model.safetensors",
    "model.safetensors.index.json",
    "preprocessor_config.json",
    "special_tokens_map.json",
    "spiece.model",
    "tokenizer.json",
    "tokenizer_config.json",
)
"""What is downloaded; repositories also hold the same weights in other formats."""
_HUB_NAME = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*", re.ASCII)


def find_folder(
    name: str, *, hub_endpoint: str | None = None, cache_dir: Path | None = None
) -> Path:
    """Return the folder of checkpoint `name`, downloaded first if it is a model of the hub.

    A download that was interrupted goes on where it stopped. Without `hub_endpoint` the
    environment's HF_ENDPOINT counts, and without that the hub's own address.

    Raises:
        ModelUnavailable: there is no such folder or model, or the hub cannot be reached.
    """
    if (folder := local_folder(name)) is not None:
        return folder
    endpoint = (hub_endpoint or os.environ.get("HF_ENDPOINT") or "").rstrip("/") or None
    return _download(name, endpoint, cache_dir)


def local_folder(name: str) -> Path | None:
    """Return the folder of a checkpoint that is here; None: it is a model of the hub.

    Raises:
        ModelUnavailable: it is neither.
    """
    if name == BUILTIN:
        return BUILTIN_FOLDER
    folder = Path(name).expanduser()
    if name and folder.is_dir():
        return folder
    if not _HUB_NAME.fullmatch(name):
        raise ModelUnavailable(
            f"There is no checkpoint folder {name}; give a folder, {BUILTIN}, or a model of the "
            "hub such as facebook/musicgen-small."
        )
    return None


def _download(name: str, endpoint: str | None, cache_dir: Path | None) -> Path:
    from huggingface_hub import errors, snapshot_download
    from requests import exceptions as web

    hub = f"The hub at {endpoint}" if endpoint else "The hub"
    # Read here, not at huggingface_hub's import, so that a .env file loaded later counts too.
    offline = os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}
    try:
        folder = snapshot_download(
            name,
            allow_patterns=list(NEEDED),
            endpoint=endpoint,
            cache_dir=cache_dir,
            local_files_only=offline,
        )
    except errors.GatedRepoError as exc:
        raise ModelUnavailable(
            f"{name} is gated: accept its terms on the hub, then set HF_TOKEN."
        ) from exc
    except (errors.RepositoryNotFoundError, errors.HFValidationError) as exc:
        raise ModelUnavailable(
            f"{hub} has no model {name}, and there is no folder of that name here; check the "
            "spelling, or set HF_TOKEN if the model is private."
        ) from exc
    except (errors.LocalEntryNotFoundError, web.SSLError, web.ProxyError) as exc:
        raise ModelUnavailable(_nowhere(name, hub, offline=offline)) from exc
    except (web.InvalidJSONError, web.InvalidSchema, web.InvalidURL, web.MissingSchema) as exc:
        raise ModelUnavailable(
            f"{endpoint} is not the address of a hub; correct hub_endpoint (or HF_ENDPOINT)."
        ) from exc
    except web.RequestException as exc:
        raise ModelUnavailable(
            f"The download of {name} broke off ({type(exc).__name__}); start again, and it goes on "
            "where it stopped."
        ) from exc
    except OSError as exc:
        raise ModelUnavailable(
            f"The download of {name} cannot be stored ({exc.strerror or exc}); make room, or set "
            "HF_HOME to a folder on another disk."
        ) from exc
    return Path(folder)


def _nowhere(name: str, hub: str, *, offline: bool) -> str:
    if offline:
        return (
            f"{name} is not on this machine and HF_HUB_OFFLINE forbids its download; unset it "
            "once, or give a folder."
        )
    return (
        f"{hub} cannot be reached for {name}; check the network, set hub_endpoint (or HF_ENDPOINT) "
        "to a mirror, or give a folder that holds the checkpoint."
    )
