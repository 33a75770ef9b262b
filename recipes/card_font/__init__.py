"""The typeface of the clips' cards, cut from Debian's Noto Sans CJK."""
