import subprocess
import sys
from pathlib import Path

import pytest

from bot import diagnosis
from bot.cli import main
from bot.finding import Finding
from bot.settings import Settings, load_settings


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.delenv("DISCORD_TOKEN", raising=False)
    return load_settings("production", env_file=None)


def test_doctor_succeeds_when_nothing_is_bad(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    findings = [Finding("cores", "ok", "2"), Finding("token", "note", "none", "get one")]
    monkeypatch.setattr(diagnosis, "examine", lambda settings: iter(findings))
    assert main(["doctor"]) == 0
    assert "-> get one" in capsys.readouterr().out


def test_doctor_fails_when_something_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    findings = [Finding("MindSpore", "bad", "not installed", "reinstall")]
    monkeypatch.setattr(diagnosis, "examine", lambda settings: iter(findings))
    assert main(["doctor"]) == 1


def test_cores_are_those_the_container_grants(tmp_path: Path) -> None:
    (tmp_path / "cpu.max").write_text("100000 100000\n")
    finding = diagnosis.cores(tmp_path)
    assert finding.text.startswith("1 usable")
    assert finding.remedy
    assert diagnosis.cores(tmp_path / "nowhere").verdict in {"ok", "note"}


@pytest.mark.parametrize(("limit", "verdict"), [("max", "ok"), (str(1 << 30), "note")])
def test_memory_is_what_the_container_grants(tmp_path: Path, limit: str, verdict: str) -> None:
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal: 16777216 kB\nMemAvailable: 8388608 kB\n")
    (tmp_path / "memory.max").write_text(limit)
    assert diagnosis.memory(meminfo, tmp_path).verdict == verdict


def test_memory_is_unknown_where_the_system_does_not_tell(tmp_path: Path) -> None:
    assert diagnosis.memory(tmp_path / "nowhere").text == "unknown"


def test_the_token_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "secret.token")
    finding = diagnosis.token(load_settings("production", env_file=None))
    assert finding.verdict == "ok"
    assert "secret" not in f"{finding}"


def test_no_token_is_only_a_note(settings: Settings) -> None:
    finding = diagnosis.token(settings)
    assert finding.verdict == "note"
    assert "discord.com/developers" in finding.remedy


def test_a_missing_package_is_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise diagnosis.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(diagnosis.metadata, "version", missing)
    assert {finding.verdict for finding in diagnosis.packages()} == {"bad"}
    assert diagnosis.frameworks().verdict == "bad"


def test_frameworks_that_do_not_import_are_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(command: list[str], **options: object) -> None:
        raise subprocess.CalledProcessError(1, command, stderr=b"trace\nImportError: no libgomp\n")

    monkeypatch.setattr(diagnosis.subprocess, "run", broken)
    finding = diagnosis.frameworks()
    assert finding.verdict == "bad"
    assert "no libgomp" in finding.text


def test_the_hub_shows_its_endpoint_and_whether_it_is_offline(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "https://hub.example")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert diagnosis.hub(settings).text == "https://hub.example, offline (HF_HUB_OFFLINE)"


@pytest.mark.parametrize(
    ("device", "missing", "told"),
    [
        (
            "CPU",
            "",
            "numba, int8: the fastest engine on a CPU for a model as narrow as this one",
        ),
        ("CPU", "numba", "openvino, int8: OpenVINO is the fastest engine on a CPU"),
        (
            "CPU",
            "openvino",
            "mindspore, fp32: OpenVINO, which is faster on a CPU, is not installed here",
        ),
        ("Ascend", "", "mindspore, fp16: MindSpore computes on this host's Ascend"),
    ],
)
def test_the_engine_is_shown_with_its_reason(
    device: str, missing: str, told: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("musicgen_core.engines.select._device", lambda: device)
    monkeypatch.setattr(
        "musicgen_core.engines.select.find_spec", lambda name: None if name == missing else name
    )
    finding = diagnosis.engine(settings)
    assert (finding.verdict, finding.text) == ("ok", told)


def test_an_engine_that_is_not_installed_is_bad(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("musicgen_core.engines.select.find_spec", lambda name: None)
    assert diagnosis.engine(settings).verdict == "bad"


def test_a_model_of_the_hub_is_looked_up_not_downloaded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    name = "facebook/musicgen-small"
    assert "will be downloaded" in diagnosis.checkpoint(name).text
    config = tmp_path / "config.json"
    monkeypatch.setattr("huggingface_hub.try_to_load_from_cache", lambda *args: str(config))
    assert str(tmp_path) in diagnosis.checkpoint(name).text


def test_a_model_that_cannot_be_a_name_is_bad() -> None:
    assert diagnosis.checkpoint("no/such/folder").verdict == "bad"


def test_a_broken_folder_is_bad_with_the_cores_own_words(tmp_path: Path) -> None:
    finding = diagnosis.checkpoint(str(tmp_path))
    assert finding.verdict == "bad"
    assert "config.json" in finding.text


def test_every_model_has_a_finding_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for slow in ("frameworks", "engine", "database", "clips_folder"):
        monkeypatch.setattr(diagnosis, slow, lambda _=None: Finding("slow", "ok", ""))
    settings = load_settings("production", env_file=None, other_models=[str(tmp_path), "a/b"])
    found = [f for f in diagnosis.examine(settings) if f.subject == "checkpoint"]
    assert [finding.verdict for finding in found] == ["ok", "bad", "note"]
    assert found[0].text.startswith("builtin.")


def test_importing_the_command_is_quick() -> None:
    code = (
        "import sys, bot.__main__; "
        "heavy = {'discord', 'numpy', 'mindspore', 'transformers', 'pydantic'} & set(sys.modules); "
        "sys.exit(', '.join(heavy) or 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)


@pytest.mark.models
def test_this_host_can_run_the_built_in_model() -> None:
    command = [sys.executable, "-m", "bot", "doctor"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=150, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "mindjam can run here." in done.stdout
    for subject in ("python", "cores", "memory", "MindSpore", "engine", "checkpoint"):
        assert f"ok   {subject}: " in done.stdout or f"note {subject}: " in done.stdout
