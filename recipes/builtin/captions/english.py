"""Attributes as an English prompt, the way different people would type it."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from recipes.builtin.attributes import Attributes
from recipes.builtin.captions import english_words as words
from recipes.builtin.composer.theory import FLATS, SHARPS

_SCENE = 0.07
"""How often a scene is added that says nothing of the notes."""
_NOUNS = ("track", "song", "piece", "tune", "music", "instrumental", "jam", "")
_MUSIC = ("music", "track", "piece", "song", "tune", "instrumental", "melody", "something")
_ORDERS = ("make me", "compose", "play", "create", "generate", "give me", "I want", "write")
_MISSING = ("no {}", "without {}", "no {} please", "{}-free", "but no {}", "without any {}")

_TEMPO_FORMS = (
    *("{} bpm", "{} bpm", "at {} bpm", "{} BPM", "{}bpm"),
    *("tempo {}", "{} beats per minute"),
)
_LENGTH_FORMS = (
    "ends after {} seconds",
    "with an ending at {} s",
    "{} seconds long with an ending",
)


def tell(rng: Random, said: Attributes) -> str:
    """Word what is said as a sentence, a list, tags, two sentences or an order."""
    teller = rng.choices(
        (_sentence, _listed, _tags, _two_sentences, _ordered, _verbose), (38, 26, 8, 12, 8, 8)
    )[0]
    text = " ".join(teller(rng, said).split()).strip(" ,.")
    if rng.random() < _SCENE:
        text += rng.choice((" ", ", ")) + rng.choice(words.SCENES)
    return text if rng.random() < 0.5 else text[:1].upper() + text[1:]


def key_name(rng: Random, tonic: int, minor: bool | None, mode: str | None) -> str:
    """A key such as A minor, Am, F sharp dorian or D."""
    flat = rng.random() < 0.5
    name = (FLATS if flat else SHARPS)[tonic]
    if len(name) == 2 and rng.random() < 0.25:
        name = f"{name[0]} {'flat' if flat else 'sharp'}"
    if mode is not None:
        return f"{name} {mode}"
    if minor:
        return rng.choices((f"{name} minor", f"{name}m", f"{name} min"), (8, 2, 1))[0]
    return rng.choices((f"{name} major", name, f"{name} maj"), (8, 1, 1))[0]


def _head(rng: Random, said: Attributes, *, noun: bool = True) -> str:
    """Moods, tempo, decade, genre and a noun."""
    plain = [rng.choice(words.MOODS[mood]) for mood in said.moods]
    if said.tempo:
        plain.append(rng.choice(words.TEMPOS[said.tempo]))
    if said.density:
        plain.append(rng.choice(words.DENSITIES[said.density]))
    if said.feel:
        plain.append(rng.choice(words.FEELS[said.feel]))
    rng.shuffle(plain)
    if said.era:
        plain.append(rng.choice(words.ERAS[said.era]))
    if said.genre:
        genre = rng.choice(words.GENRES[said.genre])
        plain.append(genre)
        named = genre.endswith(("music", "song", "beat", "beats", "soundtrack", "track"))
        plain.append("" if named or not noun else rng.choice(_NOUNS))
    elif noun:
        plain.append(rng.choice(_MUSIC))
    return " ".join(word for word in plain if word)


def _players(rng: Random, said: Attributes) -> list[str]:
    """A phrase for every instrument named."""
    phrases = []
    for name in said.present:
        word = rng.choice(words.INSTRUMENTS[name])
        if name in words.PLAYING and rng.random() < 0.25:
            word = f"{rng.choice(words.PLAYING[name])} {word}"
        if name == said.lead and not word.endswith(("solo", "lead", "melody", "guitar")):
            word = f"{word} {rng.choice(('solo', 'melody', 'lead', 'playing the melody', 'solos'))}"
        phrases.append(word)
    if said.kit:
        phrases.append(rng.choice(words.KITS[said.kit]))
    rng.shuffle(phrases)
    return phrases


def _measures(rng: Random, said: Attributes) -> list[str]:
    """Key, tempo number, length and what is missing, each a phrase, in any order."""
    phrases = []
    if said.tonic is not None:
        key = key_name(rng, said.tonic, said.minor, said.mode)
        bare = ("{}",) if len(key) > 2 else ()
        phrases.append(rng.choice(("in {}", "in {}", "in {}", "key of {}", *bare)).format(key))
    elif said.minor is not None:
        family = "minor" if said.minor else "major"
        phrases.append(rng.choice(("in a {} key", "{} key", "in {}", "{} mode")).format(family))
    if said.bpm is not None:
        phrases.append(rng.choice(_TEMPO_FORMS).format(round(said.bpm)))
    for name in said.absent:
        word = "drums" if name == "drums" else rng.choice(words.INSTRUMENTS[name])
        drumless = name == "drums" and rng.random() < 0.15
        phrases.append("drumless" if drumless else rng.choice(_MISSING).format(word))
    if said.seconds is not None:
        phrases.append(rng.choice(_LENGTH_FORMS).format(round(said.seconds)))
    rng.shuffle(phrases)
    return phrases


def _joined(rng: Random, phrases: Sequence[str]) -> str:
    """A, b and c."""
    if len(phrases) < 2:
        return "".join(phrases)
    last = rng.choice((" and ", " and ", " & ", ", ", " plus "))
    return ", ".join(phrases[:-1]) + last + phrases[-1]


def _sentence(rng: Random, said: Attributes) -> str:
    head, players = _head(rng, said), _players(rng, said)
    article = ""
    if rng.random() < 0.3 and not head.rstrip().endswith(("music", "something")):
        article = "an " if head[:1] in "aeiou" else "a "
    link = rng.choice((" with ", " with ", " featuring ", ", "))
    text = article + head + (link + _joined(rng, players) if players else "")
    glue = rng.choice((" ", ", "))
    return glue.join([text, *_measures(rng, said)])


def _listed(rng: Random, said: Attributes) -> str:
    phrases = [*_players(rng, said), *_measures(rng, said)]
    head = _head(rng, said, noun=rng.random() < 0.3)
    if rng.random() < 0.7:
        rng.shuffle(phrases)
        phrases.insert(0, head)
    else:
        phrases.append(head)
        rng.shuffle(phrases)
    return ", ".join(phrase for phrase in phrases if phrase.strip())


def _tags(rng: Random, said: Attributes) -> str:
    phrases = [_head(rng, said, noun=False), *_players(rng, said), *_measures(rng, said)]
    return " ".join(phrases).lower()


def _two_sentences(rng: Random, said: Attributes) -> str:
    players, measures = _players(rng, said), _measures(rng, said)
    rest = [_joined(rng, players), *measures] if players else measures
    second = ", ".join(rest)
    return f"{_head(rng, said)}. {second[:1].upper()}{second[1:]}"


def _ordered(rng: Random, said: Attributes) -> str:
    return f"{rng.choice(_ORDERS)} {_sentence(rng, said)}"


def _verbose(rng: Random, said: Attributes) -> str:
    head = _head(rng, said)
    text = rng.choice(("this is {}.", "{}.", "a recording of {}.", "imagine {}.")).format(head)
    players = _players(rng, said)
    if players:
        forms = ("it features {}.", "the instruments are {}.", "you hear {}.", "there is {}.")
        text += " " + rng.choice(forms).format(_joined(rng, players))
    measures = _measures(rng, said)
    return text + (f" it is {', '.join(measures)}." if measures else "")
