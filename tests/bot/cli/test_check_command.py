import subprocess

import pytest

from bot.cli import main, test


class Tools:
    """Stands in for subprocess.run; the tools named in `failing` fail."""

    def __init__(self, *failing: str) -> None:
        self.failing, self.commands = failing, []
        self.environment: dict[str, str] = {}

    def __call__(
        self, command: list[str], *, env: dict[str, str] | None, **options: object
    ) -> subprocess.CompletedProcess[bytes]:
        self.commands.append(" ".join(command[1:]))
        self.environment = env or {}
        failed = any(name in self.commands[-1] for name in self.failing)
        return subprocess.CompletedProcess(command, int(failed))


def check(
    monkeypatch: pytest.MonkeyPatch,
    tools: Tools,
    *argv: str,
    cores: int = 2,
    memory: int | None = 8 << 30,
) -> int:
    monkeypatch.setattr(test.subprocess, "run", tools)
    monkeypatch.setattr(test, "usable_cores", lambda: cores)
    monkeypatch.setattr(test, "available_memory", lambda: memory)
    return main(["test", *argv])


def test_everything_is_checked_in_order(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tools = Tools()
    assert check(monkeypatch, tools) == 0
    named = ["ruff format", "ruff check", "mypy", "lint_imports", "pytest -n 2 --cov"]
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
        (["--fast"], f"-m pytest -n 2 -m {test.FAST}"),
        (["--fast", "-x"], f"-m pytest -n 2 -m {test.FAST} -x"),
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


@pytest.mark.parametrize(
    ("cores", "memory", "processes", "threads"),
    [
        (2, 8 << 30, 2, "1"),
        (16, 8 << 30, 3, "5"),
        (4, None, 4, "1"),
        (2, 4 << 30, 0, "2"),
        (1, None, 0, "1"),
    ],
)
def test_as_many_processes_run_the_tests_as_there_are_cores_and_memory_for(
    monkeypatch: pytest.MonkeyPatch, cores: int, memory: int | None, processes: int, threads: str
) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    tools = Tools()
    check(monkeypatch, tools, cores=cores, memory=memory)
    assert f"-m pytest -n {processes} " in tools.commands[-1]
    assert tools.environment["OMP_NUM_THREADS"] == threads


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
