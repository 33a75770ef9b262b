"""From nothing to the checkpoint that ships with mindjam."""
