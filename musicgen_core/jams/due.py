"""What is to be done for a jam as it stands; what a transition adds is the difference."""

from __future__ import annotations

from collections.abc import Iterator

from musicgen_core.jams.effects import (
    AskChoice,
    AskVote,
    ClearTimer,
    Effect,
    MakeCandidates,
    MakeMix,
    PostMix,
    PostTrack,
    SetTimer,
    ShowSuggestions,
    StopCandidates,
    UpdateBoard,
)
from musicgen_core.jams.jam import Jam, Phase, Turn
from musicgen_core.jams.settings import Mode
from musicgen_core.jams.tree import room_seconds
from musicgen_core.jams.wording import seeds_of, turn_prompt

BOARD = "board"
ENDING = "ending"
"""What is added to the prompt where the model is asked for an ending."""


def due(jam: Jam) -> tuple[Effect, ...]:
    """Return everything that the jam waits for: what to do when it is loaded after a restart.

    Where the thread is archived nothing is posted, because a post would open it again; where it
    is deleted there is nothing to post to.
    """
    effects: list[Effect] = []
    if jam.timer:
        name = f"timer:{jam.timer.name}:{jam.timer.due!r}"
        effects.append(SetTimer(id=f"{jam.id}:{name}", timer=jam.timer))
    if jam.phase is Phase.MAKING and jam.turn:
        effects.append(_making(jam, jam.turn))
    if jam.phase is Phase.MIXING and jam.head:
        effects.append(_mixing(jam, jam.head))
    if not (jam.paused or jam.lost):
        effects += _posts(jam)
    return tuple(effects)


def difference(old: Jam, new: Jam, *, answered: bool) -> tuple[Effect, ...]:
    """Return what a transition asks for; `answered`: it brought what the old jam had made."""
    before = {effect.id: effect for effect in due(old)}
    after = due(new)
    kept = {effect.id for effect in after}
    stopped: list[Effect] = []
    for effect in before.values():
        if isinstance(effect, MakeCandidates) and effect.id not in kept and not answered:
            stopped.append(StopCandidates(id=f"{effect.id}:stop", making=effect.id))
        if isinstance(effect, SetTimer) and new.timer is None:
            stopped.append(ClearTimer(id=f"{effect.id}:clear", timer=effect.timer))
    return (*stopped, *(effect for effect in after if effect.id not in before))


def _making(jam: Jam, turn: Turn) -> Effect:
    seconds = room_seconds(jam)
    hear = jam.settings.hear_seconds
    if jam.model:
        # The checkpoint's context holds what it hears and what it makes.
        hear = max(1.0, min(hear, jam.model.longest_seconds - seconds))
    count = 1 if jam.mode is Mode.RADIO else jam.settings.candidates
    return MakeCandidates(
        id=f"{jam.id}:make:{turn.number}.{turn.attempt}",
        turn=turn.number,
        attempt=turn.attempt,
        prompt=turn.prompt,
        take=jam.head,
        hear_seconds=hear,
        seconds=seconds,
        seeds=seeds_of(jam, turn.number, turn.attempt, count),
        clip=turn.clip,
        splice=turn.splice,
    )


def _mixing(jam: Jam, head: int) -> Effect:
    return MakeMix(
        id=f"{jam.id}:mixing:{jam.mix_attempt}",
        attempt=jam.mix_attempt,
        take=head,
        ending=jam.ending,
        prompt=turn_prompt(jam, ENDING),
        seed=seeds_of(jam, 0, jam.mix_attempt, 1)[0],
    )


def _posts(jam: Jam) -> Iterator[Effect]:
    yield UpdateBoard(id=f"{jam.id}:{BOARD}:{jam.moves}", post=BOARD)
    if jam.unposted is not None:
        post = f"track:{jam.unposted}"
        yield PostTrack(id=f"{jam.id}:{post}", post=post, take=jam.unposted)
    if jam.phase is Phase.FINISHED and jam.mix:
        post = f"mix:{jam.mix_attempt}"
        if jam.post(post) is None:
            yield PostMix(id=f"{jam.id}:{post}", post=post)
    if jam.turn:
        yield from _asked(jam, jam.turn)


def _asked(jam: Jam, turn: Turn) -> Iterator[Effect]:
    if jam.phase is Phase.SUGGESTING and turn.suggestions:
        post = f"suggestions:{turn.number}"
        # Every vote changes what the list shows.
        key = f"{jam.id}:{post}:{jam.moves}"
        yield ShowSuggestions(id=key, post=post, turn=turn.number, suggestions=turn.suggestions)
    if jam.phase is not Phase.VOTING:
        return
    attempt = f"{turn.number}.{turn.attempt}"
    if jam.post(post := turn.vote_post) is None:
        key = f"{jam.id}:{post}"
        yield AskVote(id=key, post=post, turn=turn.number, candidates=turn.candidates)
    tie = turn.tied and jam.mode is not Mode.SOLO and turn.player is not None
    if tie and turn.player is not None and jam.post(post := f"choice:{attempt}") is None:
        yield AskChoice(
            id=f"{jam.id}:{post}",
            post=post,
            turn=turn.number,
            player=turn.player,
            choices=turn.tied,
        )
