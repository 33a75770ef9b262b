"""/compose: a sentence, a clip or nothing -> music."""

from __future__ import annotations

from collections.abc import Callable

import discord
from discord import app_commands
from discord.app_commands import Choice, locale_str
from discord.ext import commands

from bot.acknowledgement import acknowledge
from bot.locales import ENGLISH, Phrases, phrases
from bot.model_option import offer_where_several
from bot.musical_terms import key_named, style_name
from bot.origin import Origin
from bot.reception import MAX_SECONDS, MIN_SECONDS, MOST_VARIATIONS, Reception
from bot.ui.choices import offered
from bot.ui.spoken_key import spoken_key
from bot.wish import Wish
from musicgen_core.wording import FASTEST, KEYS, SLOWEST, STYLES

MAX_SEED = 2**32 - 1


def _text(key: str) -> locale_str:
    """Return a name or description that Discord shows in the person's language."""
    key = f"command.compose.{key}"
    return locale_str(phrases(ENGLISH)(key), key=key)


OPTIONS = (
    "prompt", "duration", "clip", "style", "tempo", "key", "model", "variations", "from_second",
    "hear_seconds", "seed", "guidance", "temperature", "top_k",
)  # fmt: skip
"""Musical options first, sampler options after them."""


class Compose(commands.Cog):
    """Turn a sentence into a clip."""

    def __init__(
        self, reception: Reception, say: Callable[[discord.Interaction], Phrases], locale: str
    ) -> None:
        self._reception, self._say, self._locale = reception, say, locale
        offer_where_several(self.compose, reception.models)

    @app_commands.command(name=_text("name"), description=_text("description"))
    @app_commands.rename(**{name: _text(name) for name in OPTIONS})
    @app_commands.describe(**{name: _text(f"{name}_help") for name in OPTIONS})
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def compose(
        self,
        interaction: discord.Interaction,
        prompt: str | None = None,
        duration: app_commands.Range[float, MIN_SECONDS, MAX_SECONDS] | None = None,
        clip: discord.Attachment | None = None,
        style: app_commands.Range[str, 1, 100] | None = None,
        tempo: app_commands.Range[float, SLOWEST, FASTEST] | None = None,
        key: app_commands.Range[str, 1, 20] | None = None,
        model: app_commands.Range[str, 1, 100] | None = None,
        variations: app_commands.Range[int, 1, MOST_VARIATIONS] = 1,
        from_second: app_commands.Range[float, 0.1, 600.0] | None = None,
        hear_seconds: app_commands.Range[float, 0.1, 600.0] | None = None,
        seed: app_commands.Range[int, 0, MAX_SEED] | None = None,
        guidance: app_commands.Range[float, 1, 20] | None = None,
        temperature: app_commands.Range[float, 0.01, 10.0] | None = None,
        top_k: app_commands.Range[int, 1, 2048] | None = None,
    ) -> None:
        """Queue a clip; refusals are for the person's eyes only, the status is for everyone."""
        await acknowledge(interaction)
        wish = Wish(
            prompt=prompt,
            seconds=duration,
            variations=variations,
            seed=seed,
            guidance=guidance,
            temperature=temperature,
            top_k=top_k,
            tempo=tempo,
            key=key,
            style=style,
            model=model,
            from_second=from_second,
            hear_seconds=hear_seconds,
        )
        await self._reception.order(Origin.of_interaction(interaction, self._locale), wish, clip)

    @compose.autocomplete("style")
    async def offer_styles(self, asked: discord.Interaction, typed: str) -> list[Choice[str]]:
        """Offer the curated styles; any other words do as well."""
        return offered(typed, STYLES, style_name, self._say(asked))

    @compose.autocomplete("key")
    async def offer_keys(self, asked: discord.Interaction, typed: str) -> list[Choice[str]]:
        """Offer the keys there are; one that is written out in another way is found too."""
        return offered(key_named(typed) or typed, KEYS, spoken_key, self._say(asked))

    @compose.autocomplete("model")
    async def offer_models(self, _: discord.Interaction, typed: str) -> list[Choice[str]]:
        """Offer the models there are."""
        return offered(typed, self._reception.models)
