"""Drum grooves in sixteenths, a letter a hit (see kits), a dot a rest; one or two bars each."""

from __future__ import annotations

from dataclasses import dataclass

BAR = 16
"""Sixteenths in a bar; everything here is in four."""


@dataclass(frozen=True)
class Groove:
    """The two drum voices of a bar or two, of equal length."""

    low: str
    high: str

    def __post_init__(self) -> None:
        if len(self.low) != len(self.high) or len(self.low) % BAR:
            raise ValueError(f"{self} is no whole number of bars")


def _grooves(rows: str) -> tuple[Groove, ...]:
    """Read lines of `low high`."""
    return tuple(Groove(*row.split()) for row in rows.strip().splitlines())


EIGHTHS = "h.h.h.h.h.h.h.h."

GROOVES: dict[str, tuple[Groove, ...]] = {
    "pop": _grooves("""
        k.......s.......  h.h.h.h.h.h.h.h.
        k.....k.s.k.....  h.h.h.h.h.h.h.h.
        k..k....s..k....  h.h.h.hoh.h.h.h.
        k.......s.k...k.k..k....s.......  h.h.h.h.h.h.h.h.h.h.h.h.h.h.h.o.
        k...s...k.k.s...  h.h.h.h.h.h.h.h."""),
    "rock": _grooves("""
        k...s...k.k.s...  h.h.h.h.h.h.h.h.
        k.k.s...k...s...  d.d.d.d.d.d.d.d.
        k..ks...k.k.s...  o...o...o...o...
        k.k.s..k..k.s...k.k.s..k.kk.s...  h.h.h.h.h.h.h.h.h.h.h.h.h.h.h.o."""),
    "blues": _grooves("""
        k...s...k...s...  h.h.h.h.h.h.h.h.
        k...s.g.k.k.s...  d.d.d.d.d.d.d.d.
        k...s...k.k.s.g.  h.f.h.f.h.f.h.f."""),
    "lofi": _grooves("""
        k.......s.....k...k.....s.......  h.h.h.h.h.h.h.h.h.h.h.h.h.hph.o.
        k..k....s.....g.k.k.....s..g....  h.h.hph.h.h.h.h.h.h.hph.h.h.h.h.
        k......ks..k..k...k.....s.......  h.h.h.h.h.h.h.h.h.h.h.h.h.h.h.h."""),
    "hiphop": _grooves("""
        k..k....s..k..k...k.....s.......  h.h.h.h.h.h.h.h.h.h.h.h.h.h.h.h.
        k.......s.k..k.kk.k.....s.g.....  h.h.hph.h.h.h.o.h.h.hph.h.h.h.h.
        k.k.....s.......k..k..k.s......k  h.h.h.h.h.h.h.h.h.h.h.h.h.h.h.h."""),
    "trap": _grooves("""
        k.......s.....k...k.....s.......  h.h.hhh.h.h.h.h.h.h.h.hhh.hhhhhh
        k..k....s.......k.....k.s...k...  h.h.h.h.hhhhh.h.h.h.h.h.hhh.h.h.
        k.....k.s...k.....k.....s.......  h.hhh.h.h.h.hhh.h.h.h.h.hhhhh.o."""),
    "house": _grooves("""
        k...b...k...b...  ..o...o...o...o.
        k...b...k...b...  h.o.h.o.h.o.h.o.
        k...b...k...b...  hpohhpohhpohhpoh
        k...b..rk.r.b...k...b...k..rb.r.  h.o.h.o.h.o.h.o.h.o.h.ohh.o.h.o."""),
    "techno": _grooves("""
        k...k...k...k...  ..o...o...o...o.
        kuu.kuu.kuu.kuu.  ppoppppoppoppppo
        k...b...k...b...  h.o.h.ohh.o.h.oh
        kuuukuuukuuukuuu  ..o...o...o..ph."""),
    "trance": _grooves("""
        k...b...k...b...  h.o.h.o.h.o.h.o.
        k...k...k...k...  hpophpophpophpop"""),
    "disco": _grooves("""
        k...b...k...b...  h.o.h.o.h.o.h.o.
        k...b...k...b...  hpohhpohhpohhpoh
        k...b.k.k...b..k  h.o.h.o.h.o.h.o."""),
    "synthwave": _grooves("""
        k...s...k...s...  h.h.h.h.h.h.h.h.
        k.......s.......k..k....s.......  hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh
        k...s...k.k.s...  hphphphphphphphp"""),
    "funk": _grooves("""
        k.k.s..g.gk.s..g  hhhhhhhhhhhhhhhh
        k..ks..g.gk.s.g.  h.h.h.h.h.hoh.h.
        k.k.s..gkgg.s..k..k.s..g.gk.s.g.  hhhohhhhhhhhhhohhhhohhhhhhhhhhoh"""),
    "soul": _grooves("""
        k.....k.s..g..k...k.....s..g....  h.h.h.h.h.h.h.h.h.h.h.h.h.h.h.o.
        k..k....s.g..k..k..k....s.......  h.hph.h.h.hph.h.h.hph.h.h.hph.h."""),
    "reggae": _grooves("""
        ........s.......  h.h.h.h.h.h.h.h.
        r.......s.....r.........s..r..r.  h.hph.hph.hph.hph.hph.hph.hph.hp
        k...k...s...k...  h.h.h.h.h.h.h.o."""),
    "chiptune": _grooves("""
        k...s...k...s...  h.h.h.h.h.h.h.h.
        k..ks...k.k.s..s  hhh.hhh.hhh.hhh.
        k.k.s..k.kk.s...  h.h.h.h.h.h.h.h."""),
    "ballad": _grooves("""
        k.......s.......  h...h...h...h...
        k.......r.....k...k.....r.......  h.h.h.h.h.h.h.h.h.h.h.h.h.h.h.h.
        k.....k.s.......  h.h.h.h.h.h.h.h."""),
    "bossa": _grooves("""
        k..kk..kk..kk..kk..kk..kk..kk..k  h.h.h.h.h.h.h.h.h.h.h.h.h.h.h.h.
        r..r..r...r..r..k..kr..k..r.k...  h.h.h.h.h.h.h.h.h.h.h.h.h.h.h.h.
        k..rk..r..rkk..k..rkk..r..r.k..k  aazaaazaaazaaazaaazaaazaaazaaaza"""),
    "latin": _grooves("""
        k..k..s.k..k..s.  W.aCW.PaW.aCW.GG
        k.....s.k..k..s...k..ks.k.....s.  C.PaC.GGC.PaCaGGC.PaC.GGC.PaCaGG
        ..r..r....r.r...r..r..r...r.r...  h.a.h.aGh.a.h.CGh.a.h.aGh.a.h.CG"""),
    "dnb": _grooves("""
        k...s.....k.s...  h.h.h.h.h.h.h.h.
        k.k.s..g.gk.s..g  h.h.h.h.h.h.h.h.
        k...s..gk.k.s.g.k.k.s..g..k.s...  hphphphphphphphphphphphphphphpho"""),
    "jazz": _grooves("""
        k...s...k...s...  d...d.d.d...d.d.
        w...s...w...s...  d...d.d.d...d.d.
        k.....g...s.....k...g.....s...g.  d.f.d.d.d...d.d.d.f.d.d.d...d.d."""),
    "country": _grooves("""
        k...s...k...s...  h.h.h.h.h.h.h.h.
        kgg.sgg.kgg.sgg.  h...h...h...h...
        k...s...k.k.s...  ..h...h...h...h."""),
    "folk": _grooves("""
        k.......r.......  z.z.j.z.z.z.j.z.
        k.....k.k.......  ....j.......j...
        k...r...k.k.r...  a.z.a.z.a.z.a.z."""),
    "metal": _grooves("""
        kkkkskkkkkkkskkk  d...d...d...d...
        k.kkskk.kkk.skkk  o...o...o...o...
        k.kks..kk.kks.kk  x...d...d...d...
        ks.kks.kks.kks.k  h.h.h.h.h.h.h.h."""),
    "cinematic": _grooves("""
        L.......k.......  ................
        L..L..L.M.......L..L..L.M.L.T.T.  ................................
        k.......L.....k.k.......L...M.T.  ................................"""),
}

FILLS: dict[str, tuple[str, ...]] = {
    "toms": ("ssTTMMLL", "s.ssT.ML", "sTTsMMLL", "T.M.L.L.", "s.s.sTML", "s.TTMML."),
    "snare": ("s.s.ssss", "ssssssss", "..s.s.ss", "s..s..s.", "....ssss"),
    "light": ("..g.s.g.", "k.gks.gg", "g.g.s.g.", "..k.s..k"),
    "kicks": ("k...b.k.", "k.k.k.kk", "k...b.bb", "k.rrb.rr"),
    "brushes": ("s.g.s.gg", "s..s..s.", "w...s.s."),
    "none": (),
}
"""Half-bar low lines that may end a phrase."""
