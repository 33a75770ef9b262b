import subprocess

import pytest

from bot.cli import main, test


class Tools:
    """Stands in for subprocess.run; the tools named in `failing` fail."""

    def __init__(self, *failing: str) -> None:
        self.failing, self.commands = failing, []

    def __call__(self, command: list[str], **options: object) -> subprocess.CompletedProcess[bytes]:
        self.commands.append(" ".join(command[1:]))
        failed = any(name in self.commands[-1] for name in self.failing)
        return subprocess.CompletedProcess(command, int(failed))


def check(monkeypatch: pytest.MonkeyPatch, tools: Tools, *argv: str) -> int:
    monkeypatch.setattr(test.subprocess, "run", tools)
    return main(["test", *argv])


def test_everything_is_checked_in_order(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tools = Tools()
    assert check(monkeypatch, tools) == 0
    named = ["ruff format", "ruff check", "mypy", "lint_imports", "pytest --cov"]
    assert all(name in command for name, command in zip(named, tools.commands, strict=True))
    assert capsys.readouterr().out.splitlines()[-1].startswith("== import-linter: ok")


def test_one_failure_fails_the_whole_but_the_rest_still_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tools = Tools("mypy")
    assert check(monkeypatch, tools) == 1
    assert len(tools.commands) == 5
    assert "Failed: mypy" in capsys.readouterr().out
    assert check(monkeypatch, Tools("pytest")) == 1


@pytest.mark.parametrize(
    ("argv", "command"),
    [
        (["--fast"], f"-m pytest -m {test.FAST}"),
        (["tests/bot", "-k", "quote"], "-m pytest tests/bot -k quote"),
        (["-k", "quote", "-x", "tests/bot"], "-m pytest -k quote -x tests/bot"),
        (["--", "-x"], "-m pytest -x"),
    ],
)
def test_arguments_are_passed_on_to_pytest(
    monkeypatch: pytest.MonkeyPatch, argv: list[str], command: str
) -> None:
    tools = Tools()
    check(monkeypatch, tools, *argv)
    assert tools.commands[-1] == command


def test_a_missing_tool_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(test.importlib.util, "find_spec", lambda name: None)
    assert main(["test"]) == 1
    assert "ruff is not installed" in capsys.readouterr().err


def test_outside_of_a_checkout_there_is_nothing_to_test(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: object
) -> None:
    monkeypatch.setattr(test, "ROOT", tmp_path)
    assert main(["test"]) == 1
    assert "in a checkout" in capsys.readouterr().err


def test_other_commands_refuse_options_they_do_not_know(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["doctor", "--frobnicate"])
    assert "unrecognized arguments: --frobnicate" in capsys.readouterr().err
