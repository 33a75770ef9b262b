"""What the messages of a jam say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bot.locales import Phrases, format_seconds
from bot.ui.quoting import quote
from bot.ui.spoken_key import spoken_key
from musicgen_core.jams import (
    GONE,
    Jam,
    Mode,
    Phase,
    Suggestion,
    Timer,
    Turn,
    Vote,
    credits_of,
    kept_key,
    kept_tempo,
    track,
    track_seconds,
)
from musicgen_core.jams.effects import Announce
from musicgen_core.storage import LikedJam

MOST_MEMBERS = 15
"""Members that a board names; a board is at most 2000 characters."""


def board_text(jam: Jam, say: Phrases) -> str:
    """Return a board's text: what is played, what is waited for, who plays, and what is there."""
    lines = [
        f"## {say('jam.board.title', title=plain(jam.title, 100))}",
        *([f"-# {quote(jam.prompt)}"] if jam.prompt else ()),
        forked_text(jam, say),
        *([say("jam.board.paused")] if jam.paused else ()),
        phase_text(jam, say),
        members_text(jam, say),
        "-# " + " · ".join(facts(jam, say)),
    ]
    return "\n".join(line for line in lines if line)


def phase_text(jam: Jam, say: Phrases) -> str:
    """Return what the jam waits for, and until when."""
    turn = jam.turn
    if turn is None:
        return say(f"jam.board.{jam.phase}")
    return say(
        f"jam.board.{_stage(jam, turn)}",
        number=turn.number,
        who=turn.player,
        by=_by(jam.timer),
        what=quote(turn.direction) if turn.direction else say("jam.board.no_direction"),
        votes=len(turn.votes),
        members=len(jam.members),
    )


def _stage(jam: Jam, turn: Turn) -> str:
    """Return the sentence of an open turn, as far as the phase alone does not tell it."""
    match jam.phase:
        case Phase.WAITING if turn.player is None:
            return "radio" if jam.mode is Mode.RADIO else "anybody"
        case Phase.SUGGESTING if turn.suggestions:
            return "choosing_words"
        case Phase.VOTING if turn.tied:
            return "tied"
    return jam.phase


def members_text(jam: Jam, say: Phrases) -> str:
    """Return who plays along."""
    if not jam.members:
        return say("jam.board.nobody")
    shown = " ".join(f"<@{member.person}>" for member in jam.members[:MOST_MEMBERS])
    more = len(jam.members) - MOST_MEMBERS
    return say("jam.board.playing", members=shown if more <= 0 else f"{shown} +{more}")


def facts(jam: Jam, say: Phrases) -> list[str]:
    """Return the mode, the length, and tempo and key as far as they are known."""
    takes = track(jam)
    told = [
        say(f"jam.mode.{jam.mode}"),
        say("jam.board.parts", parts=len(takes), seconds=format_seconds(track_seconds(jam)),
            most=format_seconds(jam.settings.longest_seconds)),
    ]  # fmt: skip
    tempo, key = kept_tempo(takes), kept_key(takes)
    if tempo:
        told.append(say("card.tempo", tempo=round(tempo)))
    if key:
        told.append(spoken_key(key, say))
    return told


def news_text(said: Iterable[Announce], say: Phrases) -> str:
    """Return what happened, a sentence a line."""
    return "\n".join(say(f"jam.news.{one.key}", **one.fields) for one in said)


def vote_text(jam: Jam, say: Phrases) -> str:
    """Return what stands above candidates."""
    turn = jam.turn
    what = quote(turn.direction) if turn and turn.direction else say("jam.board.no_direction")
    key = "jam.vote.alone" if jam.mode is Mode.SOLO else "jam.vote.all"
    who = turn.player if turn and turn.player else 0
    asked = say(key, number=turn.number if turn else 0, by=_by(jam.timer), who=who)
    return f"{asked}\n-# {what}"


def words_text(
    turn: int, suggestions: Sequence[Suggestion], votes: Sequence[Vote], say: Phrases
) -> str:
    """Return a list of suggestions with their votes."""
    lines = [say("jam.vote.words", number=turn)]
    for one in suggestions[-20:]:
        count = sum(vote.choice == one.number for vote in votes)
        line = say("jam.vote.word", number=one.number, words=quote(one.words, 60), votes=count)
        lines.append(f"{line} <@{one.author}>")
    return "\n".join(lines)[:2000]


def track_text(jam: Jam, take: int, say: Phrases) -> str:
    """Return what stands above the whole track."""
    seconds = format_seconds(track_seconds(jam, take))
    return say("jam.track", take=take, seconds=seconds)


def mix_text(jam: Jam, say: Phrases) -> str:
    """Return the credits of a finished piece."""
    length = format_seconds(jam.mix.seconds) if jam.mix else ""
    lines = [f"## {say('jam.mix.title', title=plain(jam.title, 100), seconds=length)}"]
    for credit in credits_of(jam)[:MOST_MEMBERS]:
        who = say("jam.mix.credit", who=credited(credit.player, say), parts=credit.takes,
                  seconds=format_seconds(credit.seconds))  # fmt: skip
        lines.append(f"- {who}")
    if forked := forked_text(jam, say):
        lines.append(forked)
    if jam.mix is not None and jam.mix.loudness is not None:
        lines.append("-# " + say("jam.mix.loudness", loudness=f"{jam.mix.loudness:.1f}"))
    return "\n".join(lines)


def forked_text(jam: Jam, say: Phrases) -> str:
    """Return where a fork comes from and who had played there; empty: it is none."""
    if jam.forked_from is None:
        return ""
    if jam.parent is None:
        return "-# " + say("jam.fork.unnamed")
    players = dict.fromkeys(take.player for take in track(jam, jam.base))
    who = " ".join(credited(player, say) for player in [*players][:MOST_MEMBERS])
    title, place = plain(jam.parent.title, 100), address(jam.server, jam.parent.place)
    told = say("jam.fork.named", title=title, link=place, take=jam.forked_from.take, who=who)
    return f"-# {told}"


def credited(player: int | None, say: Phrases) -> str:
    """Return a player as a mention, or what stands for one."""
    if player is None:
        return say("jam.credit.radio")
    return say("jam.credit.gone") if player == GONE else f"<@{player}>"


def gallery_text(pieces: Sequence[LikedJam], say: Phrases) -> str:
    """Return a server's finished pieces, a line each."""
    if not pieces:
        return say("jam.gallery.empty")
    lines = [say("jam.gallery.title")]
    for piece in pieces:
        jam = piece.jam
        length = format_seconds(jam.mix.seconds if jam.mix else track_seconds(jam))
        who = " ".join(credited(credit.player, say) for credit in credits_of(jam)[:5])
        title = plain(jam.title, 60) if jam.lost else f"[{plain(jam.title, 60)}]({link(jam)})"
        line = say("jam.gallery.piece", title=title, seconds=length, likes=piece.likes, who=who)
        if len("\n".join([*lines, line])) > 2000:
            break
        lines.append(line)
    return "\n".join(lines)


def link(jam: Jam) -> str:
    """Return the address of a jam's mix, or of its thread."""
    mix, place = jam.post(f"mix:{jam.mix_attempt}"), address(jam.server, jam.place)
    return place if mix is None else f"{place}/{mix}"


def address(server: int | None, place: int | None) -> str:
    """Return the address of a thread or channel."""
    return f"https://discord.com/channels/{server}/{place}"


def alt_text(jam: Jam, names: Mapping[int | None, str], say: Phrases) -> str:
    """Return a picture's sentence for those who do not see it."""
    title = plain(jam.title, 100)
    if jam.head is None:
        return say("jam.picture.alt_empty", title=title)
    who = say("card.comma").join(names[credit.player] for credit in credits_of(jam))
    return say("jam.picture.alt", title=title, parts=len(track(jam)), who=who)[:1000]


def plain(text: str, length: int) -> str:
    """Return somebody's words escaped, without the quotation marks."""
    return quote(text, length)[1:-1]


def _by(timer: Timer | None) -> str:
    """Return a moment that every reader's Discord counts down to."""
    return f"<t:{round(timer.due)}:R>" if timer else ""
