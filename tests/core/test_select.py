"""Which engine `auto` comes down to, and what it says about it."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import Mock

import pytest
from tiny_networks import CODEC, DECODER, TEXT

from musicgen_core.checkpoint.config import ModelConfig
from musicgen_core.engines import select
from musicgen_core.engines.select import choose_engine
from musicgen_core.errors import ModelUnavailable


@pytest.fixture
def host(monkeypatch):
    """`host(device, *missing packages)` makes this host another one."""

    def make(device: str, *missing: str, features: str = "avx2 avx512f avx512_vnni") -> None:
        monkeypatch.setattr(select, "_device", lambda: device)
        monkeypatch.setattr(select, "processor_features", lambda: frozenset(features.split()))
        monkeypatch.setattr(select, "find_spec", lambda name: None if name in missing else name)

    return make


@pytest.mark.parametrize(
    ("device", "missing", "engine", "precision", "why"),
    [
        ("Ascend", (), "mindspore", "fp16", "this host's Ascend"),
        ("Ascend", ("openvino",), "mindspore", "fp16", "this host's Ascend"),
        ("CPU", (), "openvino", "int8", "the fastest engine on a CPU"),
        ("CPU", ("openvino",), "mindspore", "fp32", "not installed"),
        ("GPU", (), "mindspore", "fp32", "this host's GPU"),
    ],
)
def test_auto_is_the_fastest_engine_of_the_host(
    host, device, missing, engine, precision, why
) -> None:
    host(device, *missing)
    choice = choose_engine()
    assert (choice.engine, choice.precision) == (engine, precision)
    assert why in choice.why


@pytest.mark.parametrize(
    ("device", "precision", "engine"),
    [
        ("CPU", "fp32", "openvino"),
        ("CPU", "int8", "openvino"),
        ("CPU", "fp16", "mindspore"),
        ("Ascend", "fp32", "mindspore"),
        ("Ascend", "int8", "openvino"),
    ],
)
def test_auto_is_an_engine_that_computes_as_asked(host, device, precision, engine) -> None:
    host(device)
    choice = choose_engine(precision=precision)
    assert (choice.engine, choice.precision) == (engine, precision)


def test_an_openvino_that_does_not_load_is_told_and_passed_over(host, monkeypatch) -> None:
    def broken(name: str) -> None:
        raise ImportError("libtbb.so.12: cannot open shared object file")

    host("CPU")
    monkeypatch.setattr(select, "import_module", broken)
    choice = choose_engine()
    assert (choice.engine, choice.precision) == ("mindspore", "fp32")
    assert "does not run here (libtbb.so.12" in choice.why


@pytest.mark.parametrize(
    ("engine", "precision"),
    [("mindspore", "fp32"), ("openvino", "int8"), ("numba", "int8"), ("mindnlp", "fp32")],
)
def test_an_engine_asked_for_runs_in_its_own_precision(host, engine, precision) -> None:
    host("CPU")
    choice = choose_engine(engine)
    assert (choice.engine, choice.precision, choice.why) == (engine, precision, "asked for")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("nothing", "auto", "auto"), "There is no engine 'nothing'"),
        (("mindspore", "int8", "auto"), "mindspore runs in fp32 or fp16, not in 'int8'"),
        (("openvino", "fp16", "auto"), "openvino runs in int8 or fp32, not in 'fp16'"),
        (("numba", "fp16", "auto"), "numba runs in int8 or fp32, not in 'fp16'"),
        (("openvino", "int8", "u4"), "kept in u8, f16, f32, not in 'u4'"),
    ],
)
def test_what_no_engine_does_is_refused(host, asked, told) -> None:
    host("CPU")
    with pytest.raises(ModelUnavailable, match=told):
        choose_engine(*asked)


def test_an_engine_whose_package_is_missing_is_refused(host) -> None:
    host("CPU", "openvino")
    with pytest.raises(ModelUnavailable, match="openvino needs the package openvino"):
        choose_engine("openvino")


def test_openvino_needs_no_mindspore(host) -> None:
    host("CPU", "mindspore")
    assert choose_engine().engine == "openvino"


def test_without_both_none_runs(host) -> None:
    host("CPU", "mindspore", "openvino")
    with pytest.raises(ModelUnavailable, match="needs the package mindspore"):
        choose_engine()


def test_mindspore_is_asked_where_there_is_an_accelerator(monkeypatch, tmp_path) -> None:
    from musicgen_core.engines.mindspore import device

    monkeypatch.setattr(device, "target", lambda: "Ascend")
    monkeypatch.setattr(select, "DEVICES", tmp_path)
    assert choose_engine().engine == "openvino"
    (tmp_path / "davinci0").touch()
    assert (choose_engine().engine, choose_engine().precision) == ("mindspore", "fp16")


def test_the_choice_is_passed_on_to_its_engine(host, monkeypatch) -> None:
    made = []

    class Module:
        create = staticmethod(lambda *asked: made.append(asked))

    host("CPU")
    choices = [choose_engine("openvino", "fp32", "f16"), choose_engine("mindspore")]
    monkeypatch.setattr(select, "import_module", lambda name: Module)
    checkpoint = Mock(config=ModelConfig(TEXT, DECODER, CODEC))
    for choice in choices:
        choice.create(checkpoint)
    assert made == [(checkpoint, "fp32", "f16"), (checkpoint, "fp32")]


@pytest.mark.parametrize(
    ("hidden", "asked", "missing", "engine"),
    [
        (512, {}, (), "numba"),
        (256, {"precision": "fp32"}, (), "numba"),
        (1024, {}, (), "openvino"),
        (256, {"engine": "openvino"}, (), "openvino"),
        (256, {"attention_cache": "u8"}, (), "openvino"),
        (256, {}, ("numba",), "openvino"),
        (256, {}, ("openvino",), "mindspore"),
    ],
)
def test_auto_takes_compiled_functions_for_a_narrow_model(
    host, hidden, asked, missing, engine
) -> None:
    host("CPU", *missing)
    choice = choose_engine(**asked)
    config = ModelConfig(TEXT, replace(DECODER, hidden=hidden), CODEC)
    fitted = choice.fitted(config)
    assert (fitted.engine, fitted.precision) == (engine, choice.precision)
    assert ("narrow" in fitted.why) == (engine == "numba")


@pytest.mark.parametrize(
    ("features", "asked", "engine"),
    [
        ("sse4_2 avx avx2 fma", {}, "numba"),
        ("avx2", {"precision": "int8"}, "numba"),
        ("avx2", {"precision": "fp32"}, "openvino"),
        ("avx2", {"engine": "openvino"}, "openvino"),
        ("avx2", {"attention_cache": "f16"}, "openvino"),
        ("avx2 avx512f", {}, "openvino"),
        ("avx2 avx_vnni", {}, "openvino"),
        ("avx", {}, "openvino"),
        ("", {}, "openvino"),
    ],
)
def test_auto_takes_compiled_functions_for_wide_models_where_bytes_must_be_widened(
    host, features, asked, engine
) -> None:
    host("CPU", features=features)
    config = ModelConfig(TEXT, replace(DECODER, hidden=1024), CODEC)
    fitted = choose_engine(**asked).fitted(config)
    assert fitted.engine == engine
    assert ("neither AVX-512 nor VNNI" in fitted.why) == (engine == "numba")
