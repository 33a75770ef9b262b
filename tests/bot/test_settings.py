import itertools
import tomllib
from pathlib import Path

import pytest

from bot.settings import KEYS, Settings, SettingsInvalid, config_folder, load_settings

DEFAULTS = config_folder() / "default.toml"


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for key in KEYS:
        monkeypatch.delenv(f"MINDJAM_{key.upper()}", raising=False)
    monkeypatch.delenv("DISCORD_TOKEN", raising=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A config folder with our defaults and a profile that changes nothing."""
    (tmp_path / "default.toml").write_text(DEFAULTS.read_text("utf-8"), "utf-8")
    (tmp_path / "rehearsal.toml").touch()
    return tmp_path


def load(folder: Path, env: str = "") -> Settings:
    (folder / ".env").write_text(env, "utf-8")
    return load_settings(folder=folder, env_file=folder / ".env")


def test_default_toml_has_every_key_with_a_comment() -> None:
    text = DEFAULTS.read_text("utf-8")
    assert set(tomllib.loads(text)) == set(KEYS)
    lines = text.splitlines()
    for above, line in itertools.pairwise(lines):
        if "=" in line and not line.startswith("#"):
            assert above.startswith("# "), line


@pytest.mark.parametrize("profile", ["rehearsal", "production"])
def test_the_shipped_profiles_load(profile: str) -> None:
    settings = load_settings(profile, env_file=None)
    assert settings.model == "builtin"
    assert settings.discord_token is None


def test_the_environment_wins_over_dotenv_and_dotenv_over_the_profile(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "rehearsal.toml").write_text("max_queue = 5\nmax_batch = 5\nmax_seconds = 15\n")
    monkeypatch.setenv("MINDJAM_MAX_BATCH", "7")
    settings = load(folder, "MINDJAM_MAX_BATCH=6\nMINDJAM_MAX_QUEUE=6\nUNRELATED=1\n")
    assert (settings.max_seconds, settings.max_queue, settings.max_batch) == (15, 6, 7)


def test_overrides_win_over_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINDJAM_ENGINE", "mindnlp")
    assert load_settings(env_file=None, engine="mindspore").engine == "mindspore"


def test_settings_cannot_be_changed_after_loading(folder: Path) -> None:
    with pytest.raises(ValueError, match="frozen"):
        load(folder).max_queue = 1


def test_the_token_comes_from_dotenv_and_is_never_shown(folder: Path) -> None:
    settings = load(folder, "DISCORD_TOKEN=abc.def\n")
    assert settings.discord_token is not None
    assert settings.discord_token.get_secret_value() == "abc.def"
    assert "abc.def" not in f"{settings!r} {settings} {settings.model_dump_json()}"


@pytest.mark.parametrize("key", ["discord_token", "DISCORD_TOKEN"])
def test_a_token_in_a_file_that_gets_committed_is_refused(folder: Path, key: str) -> None:
    (folder / "rehearsal.toml").write_text(f'{key} = "abc.def"\n')
    with pytest.raises(SettingsInvalid, match=r"environment or \.env") as refused:
        load(folder)
    assert "abc.def" not in str(refused.value)


def test_an_unknown_key_is_refused_with_the_one_that_was_meant(folder: Path) -> None:
    (folder / "rehearsal.toml").write_text("max_que = 5\n")
    with pytest.raises(SettingsInvalid, match=r"no setting max_que; did you mean max_queue\?"):
        load(folder)


def test_an_unknown_variable_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINDJAM_MODLE", "x")
    with pytest.raises(SettingsInvalid, match="did you mean MINDJAM_MODEL"):
        load(folder)


def test_an_unknown_variable_in_dotenv_is_refused(folder: Path) -> None:
    with pytest.raises(SettingsInvalid, match="MINDJAM_FLAVOR"):
        load(folder, "export MINDJAM_FLAVOR=sweet\n")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("max_seconds = 31", "max_seconds cannot be used: .* 30"),
        ('engine = "cuda"', "engine cannot be used"),
        ("max_queue = 0", "max_queue cannot be used"),
        ("max_seconds = 5", "default_seconds must not be more than max_seconds"),
        ("max_seconds = ", r"rehearsal\.toml cannot be read"),
    ],
)
def test_a_value_that_cannot_be_used_is_one_sentence(folder: Path, line: str, says: str) -> None:
    (folder / "rehearsal.toml").write_text(line)
    with pytest.raises(SettingsInvalid, match=says) as refused:
        load(folder)
    assert "\n" not in str(refused.value)


def test_a_missing_folder_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match=r"default\.toml cannot be read"):
        load_settings(folder=tmp_path / "nowhere", env_file=None)


def test_other_models_have_short_names_behind_the_default(folder: Path, tmp_path: Path) -> None:
    own = tmp_path / "mine"
    (folder / "rehearsal.toml").write_text(f'other_models = ["org/one-small", "{own}/"]\n')
    assert load(folder).models == {
        "builtin": "builtin", "one-small": "org/one-small", "mine": f"{own}/"
    }  # fmt: skip
    assert list(load(folder, "MINDJAM_OTHER_MODELS= a/b , c/d,\n").models) == ["builtin", "b", "d"]
    assert "y" in load(folder, "MINDJAM_OTHER_MODELS=\nMINDJAM_MODEL=x/y\n").models


def test_a_model_named_twice_is_one_and_two_of_one_name_are_refused(folder: Path) -> None:
    again = load(folder, "MINDJAM_MODEL=a/small\nMINDJAM_OTHER_MODELS=a/small,builtin\n")
    assert list(again.models) == ["small", "builtin"]
    with pytest.raises(SettingsInvalid, match="a/small and b/Small would both be called Small; "):
        load(folder, "MINDJAM_MODEL=a/small\nMINDJAM_OTHER_MODELS=b/Small\n")


def test_more_models_than_people_can_choose_from_are_refused(folder: Path) -> None:
    many = ",".join(f"a/m{number}" for number in range(24))
    with pytest.raises(SettingsInvalid, match="other_models cannot be used"):
        load(folder, f"MINDJAM_OTHER_MODELS={many}\n")
