"""MusicGen's networks for MindSpore's graph mode."""
