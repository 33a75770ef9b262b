"""Models of the hub: downloaded once, resumed, found offline, refused in one sentence."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import huggingface_hub
import pytest
from fake_hub import REPOSITORY, FakeHub, fake_hub

from musicgen_core.checkpoint.loading import load_checkpoint
from musicgen_core.checkpoint.processor import mindnlp_transformers
from musicgen_core.checkpoint.source import find_folder
from musicgen_core.errors import ModelUnavailable


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HF_ENDPOINT", "HF_HUB_OFFLINE", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def hub(copy: Path) -> Iterator[FakeHub]:
    """A hub with tiny-mono, and with a file that nobody needs."""
    (copy / "pytorch_model.bin").write_bytes(b"the same weights once more")
    (copy / "README.md").write_text("---\nlicense: cc-by-nc-4.0\n---\n")
    with fake_hub(copy) as hub:
        yield hub


def test_a_model_of_the_hub_is_downloaded_without_what_nobody_needs(
    hub: FakeHub, tmp_path: Path
) -> None:
    loaded = load_checkpoint(REPOSITORY, hub_endpoint=hub.address, cache_dir=tmp_path / "cache")
    assert (loaded.name, loaded.license) == (REPOSITORY, "cc-by-nc-4.0")
    assert loaded.tensors["enc_to_dec_proj.bias"].shape == (32,)
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= hub.fetched()
    assert "pytorch_model.bin" not in hub.fetched()


def test_the_environment_names_the_hub_and_the_setting_wins(
    hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", hub.address + "/")
    assert (find_folder(REPOSITORY, cache_dir=tmp_path / "a") / "config.json").is_file()
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    found = find_folder(REPOSITORY, hub_endpoint=hub.address, cache_dir=tmp_path / "b")
    assert (found / "config.json").is_file()


def test_a_downloaded_model_is_found_when_the_hub_has_gone(hub: FakeHub, tmp_path: Path) -> None:
    first = find_folder(REPOSITORY, hub_endpoint=hub.address, cache_dir=tmp_path)
    hub.stop()
    assert find_folder(REPOSITORY, hub_endpoint=hub.address, cache_dir=tmp_path) == first


def test_offline_asks_nobody(hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = find_folder(REPOSITORY, hub_endpoint=hub.address, cache_dir=tmp_path)
    hub.requests.clear()
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert find_folder(REPOSITORY, hub_endpoint=hub.address, cache_dir=tmp_path) == first
    with pytest.raises(ModelUnavailable, match="HF_HUB_OFFLINE forbids"):
        find_folder("mindjam/other", hub_endpoint=hub.address, cache_dir=tmp_path)
    assert hub.requests == []


def test_an_interrupted_download_goes_on_where_it_stopped(
    hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "DOWNLOAD_CHUNK_SIZE", 1 << 16)
    hub.break_after = 200_000
    with pytest.raises(ModelUnavailable, match=r"broke off .*; start again"):
        find_folder(REPOSITORY, hub_endpoint=hub.address, cache_dir=tmp_path)
    hub.break_after = None
    hub.requests.clear()
    folder = find_folder(REPOSITORY, hub_endpoint=hub.address, cache_dir=tmp_path)
    ranges = [part for _, path, part in hub.requests if path.endswith("model.safetensors") and part]
    assert ranges == [f"bytes={3 << 16}-"]
    for name in ("model.safetensors", "tokenizer.json"):
        assert (folder / name).read_bytes() == (hub.folder / name).read_bytes()


def test_an_unreachable_hub_is_named_with_the_remedy(hub: FakeHub, tmp_path: Path) -> None:
    hub.stop()
    with pytest.raises(ModelUnavailable) as caught:
        find_folder(REPOSITORY, hub_endpoint=hub.address, cache_dir=tmp_path)
    text = str(caught.value)
    assert hub.address in text
    assert "hub_endpoint" in text
    assert "mirror" in text


def test_a_model_that_the_hub_does_not_know_is_refused(hub: FakeHub, tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"has no model mindjam/typo.*check the spelling"):
        find_folder("mindjam/typo", hub_endpoint=hub.address, cache_dir=tmp_path)


@pytest.mark.parametrize(
    ("instead", "expected"),
    [
        ((403, "GatedRepo", b""), "mindjam/tiny is gated: accept its terms"),
        ((503, "", b""), "cannot be reached"),
        ((200, "", b"<html>Welcome</html>"), "is not the address of a hub"),
    ],
)
def test_a_hub_that_answers_otherwise_is_understood(
    hub: FakeHub, tmp_path: Path, instead: tuple[int, str, bytes], expected: str
) -> None:
    hub.instead = instead
    with pytest.raises(ModelUnavailable, match=expected):
        find_folder(REPOSITORY, hub_endpoint=hub.address, cache_dir=tmp_path)


def test_a_setting_that_is_no_address_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="not the address of a hub; correct hub_endpoint"):
        find_folder(REPOSITORY, hub_endpoint="mirror.example", cache_dir=tmp_path)


def test_a_cache_that_cannot_be_written_is_named(hub: FakeHub, tmp_path: Path) -> None:
    (tmp_path / "cache").touch()
    with pytest.raises(ModelUnavailable, match="cannot be stored"):
        find_folder(REPOSITORY, hub_endpoint=hub.address, cache_dir=tmp_path / "cache")


def test_importing_mindnlp_leaves_the_hubs_own_address() -> None:
    mindnlp_transformers()
    assert "HF_ENDPOINT" not in os.environ
    assert huggingface_hub.constants.ENDPOINT == huggingface_hub.constants._HF_DEFAULT_ENDPOINT
