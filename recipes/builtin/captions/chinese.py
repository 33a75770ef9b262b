"""Attributes as a Chinese prompt."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from recipes.builtin.attributes import Attributes
from recipes.builtin.captions import chinese_words as words
from recipes.builtin.composer.theory import FLATS, SHARPS

_SCENE = 0.07
"""How often a scene is added that says nothing of the notes."""
_NOUNS = ("音乐", "曲子", "乐曲", "歌曲", "伴奏", "")
_NAMED = ("音乐", "乐", "歌曲", "舞曲", "情歌", "配乐", "原声", "伴奏", "节拍", "慢歌", "乐曲")
_COUNTS = ("一段", "一首", "一曲", "", "", "")
_ORDERS = ("来", "写", "请生成", "做", "给我", "我想要", "创作")
_WITH = ("，有", "，带", "，使用", "，加上", "，配", "，")
_MISSING = ("没有{}", "不要{}", "无{}", "不带{}")


def tell(rng: Random, said: Attributes) -> str:
    """Word what is said as a sentence, a list or an order."""
    teller = rng.choices((_sentence, _listed, _ordered), (5, 4, 2))[0]
    text = teller(rng, said).strip("，、。 ")
    return f"{text}，{rng.choice(words.SCENES)}" if rng.random() < _SCENE else text


def key_name(rng: Random, tonic: int, minor: bool | None, mode: str | None) -> str:
    """A key such as A小调, 升F小调 or 降B大调."""
    flat = rng.random() < 0.5
    name = (FLATS if flat else SHARPS)[tonic]
    sign = {"#": "升", "b": "降"}.get(name[1:], "")
    kind = rng.choice(words.MODES[mode]) if mode else "小调" if minor else "大调"
    return f"{sign}{name[0]}{kind}"


def _head(rng: Random, said: Attributes, *, noun: bool = True) -> str:
    parts = [rng.choice(words.MOODS[mood]) for mood in said.moods]
    if said.tempo:
        parts.append(rng.choice(words.TEMPOS[said.tempo]))
    if said.density:
        parts.append(rng.choice(words.DENSITIES[said.density]))
    if said.feel:
        parts.append(rng.choice(words.FEELS[said.feel]))
    rng.shuffle(parts)
    if said.era:
        parts.append(rng.choice(words.ERAS[said.era]))
    if said.genre:
        genre = rng.choice(words.GENRES[said.genre])
        parts.append(genre)
        if noun and not genre.endswith(_NAMED):
            parts.append(rng.choice(_NOUNS))
    elif noun:
        parts.append(rng.choice(_NOUNS[:-1]))
    text = "".join(parts)
    if not said.genre and not noun:
        return text.removesuffix("的")
    return text


def _players(rng: Random, said: Attributes) -> list[str]:
    phrases = []
    for name in said.present:
        word = rng.choice(words.INSTRUMENTS[name])
        if name == said.lead and not word.endswith(("独奏", "旋律", "主音")):
            word += rng.choice(("独奏", "主旋律", "旋律"))
        phrases.append(word)
    if said.kit:
        phrases.append(rng.choice(words.KITS[said.kit]))
    rng.shuffle(phrases)
    return phrases


def _measures(rng: Random, said: Attributes) -> list[str]:
    phrases = []
    if said.tonic is not None:
        phrases.append(key_name(rng, said.tonic, said.minor, said.mode))
    elif said.minor is not None:
        phrases.append("小调" if said.minor else "大调")
    if said.bpm is not None:
        forms = ("{} BPM", "{}bpm", "每分钟{}拍", "速度{}", "{}拍每分钟")
        phrases.append(rng.choice(forms).format(round(said.bpm)))
    phrases += [
        rng.choice(_MISSING).format(rng.choice(words.INSTRUMENTS[name])) for name in said.absent
    ]
    if said.seconds is not None:
        phrases.append(rng.choice(("{}秒后结束", "{}秒处有结尾")).format(round(said.seconds)))
    rng.shuffle(phrases)
    return phrases


def _joined(rng: Random, phrases: Sequence[str]) -> str:
    if len(phrases) < 2:
        return "".join(phrases)
    return "、".join(phrases[:-1]) + rng.choice(("和", "与", "、", "加")) + phrases[-1]


def _sentence(rng: Random, said: Attributes, count: str | None = None) -> str:
    players = _players(rng, said)
    head = (rng.choice(_COUNTS) if count is None else count) + _head(rng, said)
    text = head + (rng.choice(_WITH) + _joined(rng, players) if players else "")
    return "，".join([text, *_measures(rng, said)])


def _listed(rng: Random, said: Attributes) -> str:
    phrases = [*_players(rng, said), *_measures(rng, said)]
    rng.shuffle(phrases)
    phrases.insert(0, _head(rng, said, noun=rng.random() < 0.4))
    return rng.choice(("，", "，", " ", "、")).join(phrase for phrase in phrases if phrase)


def _ordered(rng: Random, said: Attributes) -> str:
    order = rng.choice(_ORDERS) + rng.choice(("一段", "一首"))
    return order + _sentence(rng, said, count="")
