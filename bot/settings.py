"""Settings: config/default.toml, a profile, .env and the environment -> one frozen object."""

from __future__ import annotations

import difflib
import os
import tomllib
from functools import partial
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

PREFIX = "MINDJAM_"
MOST_MODELS = 24
"""Beside "as the bot has it", as many as Discord lets people choose from."""
LONGEST_MODEL_NAME = 100
"""As Discord shows it in a choice."""
Profile = Literal["rehearsal", "production"]


class SettingsInvalid(Exception):
    """A setting is unknown or has a value that cannot be used; the text says which and where."""


class Settings(BaseSettings):
    """Everything that can be set; config/default.toml says what each key means."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True
    )
    files: ClassVar[dict[str, Any]] = {}
    loading: ClassVar[partial[Settings]]
    """The call that made these settings."""

    model: str
    other_models: Annotated[tuple[str, ...], NoDecode, Field(max_length=MOST_MODELS - 1)]
    engine: Literal["auto", "mindspore", "openvino", "numba", "mindnlp"]
    precision: Literal["auto", "fp32", "fp16", "int8"]
    attention_cache: Literal["auto", "u8", "f16", "f32"]
    hub_endpoint: str

    default_seconds: float = Field(ge=1, le=30)
    max_seconds: float = Field(ge=1, le=30)
    max_prompt_chars: int = Field(ge=1, le=1000)
    max_attachment_mib: float = Field(gt=0, le=500)
    max_audio_seconds: float = Field(gt=0, le=600)

    max_queue: int = Field(ge=1)
    max_batch: int = Field(ge=1, le=64)
    max_slowdown: float = Field(ge=1)
    preview_seconds: float = Field(ge=0, le=30)
    waiting_per_person: int = Field(ge=1)
    waiting_per_server: int = Field(ge=1)
    clips_an_hour: int = Field(ge=0)
    jam_seconds: float = Field(ge=10, le=1800)
    jam_takes: int = Field(ge=2, le=4)
    jam_hear_seconds: float = Field(ge=1, le=30)
    jam_vote_seconds: float = Field(ge=5, le=86_400)

    database: str
    clips: Path
    keep_days: int = Field(ge=0)

    locale: Literal["en-US", "zh-CN"]
    clip_format: Literal["WAV", "FLAC", "OGG", "MP3"]
    cards: bool
    stop_seconds: float = Field(ge=0, le=60)
    guild_ready_timeout: float = Field(ge=0)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"]

    discord_token: SecretStr | None = Field(default=None, validation_alias="DISCORD_TOKEN")

    @field_validator("other_models", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        """Take a list from the environment as people write one: with commas."""
        if not isinstance(value, str):
            return value
        return tuple(part for part in map(str.strip, value.split(",")) if part)

    @model_validator(mode="after")
    def _names_differ(self) -> Settings:
        sources: dict[str, str] = {}
        for source in (self.model, *self.other_models):
            name = model_name(source)
            same = sources.setdefault(name.casefold(), source)
            if same != source:
                raise ValueError(
                    f"{same} and {source} would both be called {name}; leave one of them out of "
                    "model and other_models, or rename its folder"
                )
        return self

    @model_validator(mode="after")
    def _default_fits(self) -> Settings:
        if self.default_seconds > self.max_seconds:
            raise ValueError("default_seconds must not be more than max_seconds")
        return self

    @property
    def models(self) -> dict[str, str]:
        """Where each model is from, by the short name that people use; first the default."""
        return {model_name(source): source for source in (self.model, *self.other_models)}

    @property
    def max_attachment_bytes(self) -> int:
        """The largest attachment in bytes."""
        return int(self.max_attachment_mib * (1 << 20))

    def read_again(self) -> Settings:
        """Return what the same files, .env and environment say now, under the same overrides.

        Raises:
            SettingsInvalid: a key is unknown or a value cannot be used.
        """
        return type(self).loading()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what the caller says, then the environment, then .env, then the files."""
        files = InitSettingsSource(settings_cls, init_kwargs=cls.files)
        return init_settings, env_settings, dotenv_settings, files


def model_name(source: str) -> str:
    """Return what people call a model: the last part of its hub name, or its folder's name."""
    return Path(source).expanduser().resolve().name[:LONGEST_MODEL_NAME]


KEYS = tuple(name for name in Settings.model_fields if name != "discord_token")


def load_settings(
    profile: Profile = "rehearsal",
    *,
    folder: Path | None = None,
    env_file: Path | None = Path(".env"),
    **overrides: Any,
) -> Settings:
    """Read the files of `folder`, .env and the environment once; `overrides` win over all.

    Raises:
        SettingsInvalid: a key is unknown or a value cannot be used.
    """
    folder = folder or config_folder()
    layers: dict[str, Any] = {}
    for name in ("default.toml", f"{profile}.toml"):
        layers |= _read_layer(folder / name)
    _check_environment(env_file)
    loading = partial(load_settings, profile, folder=folder, env_file=env_file, **overrides)
    # A subclass carries the files' values, so that two loads never share state.
    known = {"files": layers, "loading": loading, "__module__": __name__}
    source = type("Settings", (Settings,), known)
    try:
        settings: Settings = source(_env_file=env_file, **overrides)
    except ValidationError as exc:
        raise SettingsInvalid(_sentence(exc)) from exc
    return settings


def config_folder() -> Path:
    """Return the folder of default.toml: the checkout's config/, or the installed copy."""
    here = Path(__file__).resolve().parent
    for folder in (here / "_config", here.parent / "config"):
        if (folder / "default.toml").is_file():
            return folder
    raise SettingsInvalid("There is no config/default.toml; reinstall mindjam.")


def _read_layer(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise SettingsInvalid(f"{path} cannot be read as settings: {exc}") from exc
    for key in values:
        if key.upper() == "DISCORD_TOKEN":
            raise SettingsInvalid(
                f"{path.name} holds a token; put DISCORD_TOKEN into the environment or .env."
            )
        if key not in KEYS:
            raise SettingsInvalid(f"{path.name}: {_unknown(key)}")
    return values


def _check_environment(env_file: Path | None) -> None:
    """Refuse a MINDJAM_ variable that means nothing: it is a typo that would be silent."""
    names = list(os.environ)
    if env_file is not None and env_file.is_file():
        lines = env_file.read_text("utf-8").splitlines()
        names += [line.partition("=")[0].removeprefix("export ").strip() for line in lines]
    for name in names:
        key = name.upper().removeprefix(PREFIX)
        if name.upper().startswith(PREFIX) and key.lower() not in KEYS:
            raise SettingsInvalid(_unknown(name.upper(), [PREFIX + k.upper() for k in KEYS]))


def _unknown(key: str, known: list[str] | None = None) -> str:
    close = difflib.get_close_matches(key, known or KEYS, n=1)
    return f"There is no setting {key}" + (f"; did you mean {close[0]}?" if close else ".")


def _sentence(exc: ValidationError) -> str:
    """Return the first error as one sentence that never shows a secret."""
    error = exc.errors(include_input=False, include_url=False)[0]
    key = ".".join(str(part) for part in error["loc"])
    if not key:
        return f"The settings do not fit together: {error['msg'].removeprefix('Value error, ')}."
    return f"The setting {key} cannot be used: {error['msg']}."
