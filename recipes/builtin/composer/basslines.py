"""Bass patterns in sixteenths.

``R`` root, ``8`` octave, ``5`` fifth, ``3`` third, ``7`` seventh (sixth if the chord has none),
``w`` a walking tone, ``a`` an approach to the next root, ``-`` holds, ``.`` rests.
"""

from __future__ import annotations

BASSLINES: dict[str, tuple[str, ...]] = {
    "eighths": ("R-R-R-R-R-R-R-R-", "R-R-R-R-R-R-5-8-", "R-R-R-R-R-R-R-a-"),
    "pop": ("R-----R-R---5---", "R--R--R-..R-5-a-", "R---R-R-..R-5-R-", "R-------R-----R-"),
    "synth_pop": ("R-R-8-R-R-R-8-R-", "R.R.R.R.R.R.R.R.", "R.RRR.RRR.RRR.RR", "R-8-R-8-R-8-R-8-"),
    "sixteenths": ("RRRRRRRRRRRRRRRR", "RR8RRR8RRR8RRR8R", "R.RRR.RRR.RRR.RR"),
    "boogie": ("R---3---5---6---", "R-R-3-3-5-5-6-5-", "R---5---6---5---", "R-R-5-5-6-6-5-5-"),
    "shuffle": ("R---R-.-5---R-5-", "R---3---5---3---", "R-.-R-5-R-.-R-5-"),
    "walking": ("R---w---5---a---", "R---3---5---a---", "R---w---w---a---", "R---3-w-5---a---"),
    "offbeat": ("..R-..R-..R-..R-", "..R-..8-..R-..8-", "..RR..RR..RR..R8"),
    "house": ("R..R..R...R.R...", "..R-..R-..R-8-R-", "R-.R..8-..R..R8-", "R..R..R-..8.7.5."),
    "pulse": ("R...R...R...R...", ".RRR.RRR.RRR.RRR", "..RR..RR..RR..R8", "R..R..R.R..R..R."),
    "octaves": ("R-8-R-8-R-8-R-8-", "R.8.R.8.R.8.5.8.", "R-88R-88R-88R-8a"),
    "funk": ("R..R..8.R..5.78.", "R..8..R...5.7.R.", "R.R..8.R..7.8.5.", "R-.8R..R..5-7.8."),
    "hiphop": ("R-----R---R-----", "R--R----..R-5---", "R-----..R-..5-8-", "R---....R.R-7---"),
    "sub": ("R-------........", "R-----R-........", "R---------R-----", "R-----------R-R-"),
    "reggae": ("R-..3-5-....R-..", "..R-R-..3-5-R-..", "R-R-..5-..3-R-..", "R---..R-5---3---"),
    "bossa": ("R-----5-5-----R-", "R-----5-R-----5-", "R-----R-5-----5-"),
    "tumbao": ("..5---8-........", "R-....5---..8---", "......5-....R---"),
    "two_beat": ("R---....5---....", "R---....5-..a-..", "R-..R-..5-..5-.."),
    "long": ("R---------------", "R-------R-------", "R-----------5---"),
    "roller": ("R-----R---..R---", "R---..R-....8-R-", "R-......R-R-5---"),
    "gallop": ("R.RRR.RRR.RRR.RR", "RRRRRRRRRRRRRRRR", "R-R-R-R-R-R-R-R-"),
    "none": (),
}

COMPS: dict[str, tuple[str, ...]] = {
    "hold": ("X---------------",),
    "halves": ("X-------X-------", "X-----X---------"),
    "quarters": ("X--.X--.X--.X--.", "X---X---X---X---"),
    "eighths": ("X-X-X-X-X-X-X-X-", "X.X.X.X.X.X.X.X."),
    "push": ("X-----X-----X---", "X-----X---X-----", "X---..X-..X---..", "X--X--X-----X---"),
    "stabs": ("..X...X...X...X.", "X..X..X...X..X..", "..X..X....X..X..", "X..X..X.X..X..X."),
    "offbeat": ("..X-..X-..X-..X-", "..X...X...X...X."),
    "skank": ("....X.......X...", "..X...X...X...X.", "....X.......X.X.", "....XX......XX.."),
    "scratch": ("X.XX..X.X.XX.X..", "..X.X..X..X.X.X.", "X..X.X..X..X.XX.", "X.XX.XX.X.XX.X.."),
    "charleston": ("X-----X.........", "..X-......X-....", "X-....X-....X-..", "......X-..X-...."),
    "bossa": ("X--X--X---X--X--", "X-.X-.X-..X-.X-.", "..X-..X-X-..X-..", "X--X---X--X---X-"),
    "montuno": ("L.UU.UL.U.UL.UL.", "U.LU.UL.U.LU.UL.", "X.UL.UL.U.LU.L.U"),
    "broken": ("L-M-H-M-L-M-H-M-", "L---M---H---M---", "L-M-H---M-H-----", "L-M-H-L-M-H-L-M-"),
    "rolled": ("L-U-L-U-L-U-L-U-", "L---U---L---U---", "L-U-U-U-L-U-U-U-", "L---U-U-L---U-U-"),
    "strum": ("X---X-XX..X-X-X-", "X-..X-X-X-..X-X-", "X---X-X-..X-X-XX", "X-X-XXX-X-X-XXX-"),
    "boom_chuck": ("....X-......X-..", "....X-X-....X-X-", "..X...X...X...X."),
    "chugs": ("X-X-X-X-X-X-X-X-", "X-----X-X-----X-", "X-XXX-XXX-XXX-XX", "X---X-X-X---X-X-"),
    "power": ("X---------------", "X-----X---------", "X-------X-----X-", "X-X-..X-X-X-..X-"),
    "gallop": ("X.XXX.XXX.XXX.XX", "XXX-XXX-XXX-XXX-", "X---X.XXX---X.XX", "X-..X.X.X-..XXXX"),
    "swells": ("X---------------", "..X-------------"),
    "shuffle": ("X-X-X-X-X-X-X-X-", "X---..X-X---..X-", "..X-..X-..X-..X-"),
    "none": (),
}
"""Chord patterns: ``X`` all three voices, ``U`` the upper two, ``L`` ``M`` ``H`` one of them."""

ARPEGGIOS: dict[str, tuple[str, ...]] = {
    "eighths": ("0.1.2.3.2.1.0.1.", "0.1.2.1.3.1.2.1.", "0.2.1.3.0.2.1.3.", "0.1.2.3.0.1.2.3."),
    "sixteenths": ("0123012301230123", "0121012101210121", "0132013201320132", "3210321032103210"),
    "gated": ("0.12.10.12.10.1.", "00.11.22.00.11.2", "0..1..2.0..1..2.", "0.0120.0120.0123"),
    "sparse": ("0...1...2...3...", "......3...2.....", "0.....2.....1...", "..0...1...2.3..."),
    "none": (),
}
"""Second-voice figures: steps up the chord from its lowest tone in range."""
