"""Cut the typeface of the clips' cards to what people write.

    apt-get install fonts-noto-cjk
    python -m recipes.card_font.cut /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc \
        bot/ui/typeface/mindjam-sans.otf

Kept are Latin, Greek, Cyrillic, punctuation, kana, and the characters of GB 2312 and of Big5's
first plane. The license (OFL 1.1) asks for a name of its own where the original's is reserved.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

NAME = "mindjam Sans"
SIMPLIFIED = 2
"""Which font of the collection: Japanese, Korean, simplified, traditional, Hong Kong."""
RANGES = (
    (0x20, 0x7E), (0xA0, 0x17F), (0x370, 0x3FF), (0x400, 0x45F), (0x2010, 0x2027), (0x2030, 0x203B),
    (0x20AC, 0x20AC), (0x2190, 0x2193), (0x2212, 0x2212), (0x266A, 0x266F), (0x3000, 0x3017),
    (0x3041, 0x30FF), (0xFF01, 0xFF5E),
)  # fmt: skip


def characters() -> Iterator[int]:
    """Yield the code points that are kept."""
    for first, last in RANGES:
        yield from range(first, last + 1)
    yield from _decoded("gb2312", range(0xB0, 0xF8), range(0xA1, 0xFF))
    yield from _decoded("big5", range(0xA4, 0xC7), [*range(0x40, 0x7F), *range(0xA1, 0xFF)])


def _decoded(encoding: str, rows: range, cells: range | list[int]) -> Iterator[int]:
    for row in rows:
        for cell in cells:
            text = bytes([row, cell]).decode(encoding, "ignore")
            if len(text) == 1:
                yield ord(text)


def cut(source: Path, target: Path) -> None:
    """Write the subset."""
    font = TTFont(source, fontNumber=SIMPLIFIED)
    options = subset.Options(hinting=False, layout_features=["kern"], name_IDs=[0, 1, 2, 4, 6, 13])
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE", "GPOS", "GSUB", "GDEF", "DSIG"]
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=characters())
    cutter.subset(font)
    names = {1: NAME, 2: "Regular", 4: NAME, 6: NAME.replace(" ", "")}
    for record in font["name"].names:
        if record.nameID in names:
            record.string = names[record.nameID]
    top = font["CFF "].cff
    top.fontNames[0] = names[6]
    top[0].FullName, top[0].FamilyName = NAME, NAME
    font.save(target)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    arguments = parser.parse_args()
    cut(arguments.source, arguments.target)


if __name__ == "__main__":
    main()
