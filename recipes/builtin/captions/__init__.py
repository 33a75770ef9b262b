"""Captions: a piece's attributes in many wordings, English and Chinese, never untrue."""
