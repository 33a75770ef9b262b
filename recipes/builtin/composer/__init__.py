"""A procedural composer: from attributes and a seed to notes, the same on every machine."""
