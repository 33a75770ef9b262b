"""A tokenizer in T5's manner, written down: a few words, the letters, and bytes for all else."""

from __future__ import annotations

from typing import Any

WORDS = """
a an and as at by for from in into like of on or the to with without no not more less very
music song track tune piece beat loop clip theme solo intro outro drop riff hook groove rhythm
melody melodies melodic harmony harmonies chord chords bass bassy bassline drum drums percussion
kick snare hat hats cymbal guitar guitars acoustic electric piano pianos keys organ synth synths
synthesizer pad pads strings string violin viola cello harp flute sax saxophone trumpet brass horn
clarinet choir bell bells marimba vibraphone banjo ukulele sitar accordion
pop rock jazz blues funk funky soul disco house techno trance dub step dubstep drum n reggae ska
hip hop trap lo fi ambient classical baroque waltz march orchestral orchestra cinematic epic folk
country metal punk indie latin bossa nova samba tango salsa swing gospel choral chip tune game
slow fast tempo bpm upbeat driving mellow calm soft quiet loud warm cold dark bright light dreamy
happy sad melancholic romantic relaxing energetic aggressive catchy simple complex minimal rich
old vintage retro modern live recorded studio vinyl tape reverb distorted clean noise noisy
rain night morning summer winter sea ocean forest city street cafe space
50 s 60 70 80 90 2000 00
"""
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-,.'!?&:;()/"
SPECIAL = ("<pad>", "</s>", "<unk>")


def tokenizer() -> dict[str, Any]:
    """Return the content of a tokenizer.json: Unigram with a fallback to bytes (Kudo 2018)."""
    words = list(dict.fromkeys(WORDS.split()))
    vocabulary: list[list[Any]] = [[token, 0.0] for token in SPECIAL]
    vocabulary += [["\u2581", -6.0]]
    vocabulary += [[f"\u2581{word}", -7.0] for word in words]
    vocabulary += [[letter, -8.0] for letter in LETTERS]
    vocabulary += [[f"<0x{byte:02X}>", -12.0] for byte in range(256)]
    spaces = {
        "type": "Metaspace",
        "replacement": "\u2581",
        "prepend_scheme": "always",
        "split": True,
    }
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [_added(i, token) for i, token in enumerate(SPECIAL)],
        "normalizer": {"type": "NFKC"},
        "pre_tokenizer": spaces,
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [{"Sequence": {"id": "A", "type_id": 0}}, _end()],
            "pair": [
                {"Sequence": {"id": "A", "type_id": 0}},
                _end(),
                {"Sequence": {"id": "B", "type_id": 0}},
                _end(),
            ],
            "special_tokens": {"</s>": {"id": "</s>", "ids": [1], "tokens": ["</s>"]}},
        },
        "decoder": spaces,
        "model": {"type": "Unigram", "unk_id": 2, "vocab": vocabulary, "byte_fallback": True},
    }


def _end() -> dict[str, Any]:
    return {"SpecialToken": {"id": "</s>", "type_id": 0}}


def _added(number: int, token: str) -> dict[str, Any]:
    return {
        "id": number,
        "content": token,
        "single_word": False,
        "lstrip": False,
        "rstrip": False,
        "normalized": False,
        "special": True,
    }
