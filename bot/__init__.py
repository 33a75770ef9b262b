"""mindjam's Discord bot."""
