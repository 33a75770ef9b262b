"""English words for attributes; the first of a row is the plain one."""

from __future__ import annotations

from recipes.builtin.captions.tables import rows

GENRES = rows("""
    pop: pop, pop, pop music, pop song, radio pop, dance pop, catchy pop
    rock: rock, rock, rock song, rock music, alternative rock, hard rock, indie rock, garage rock
    metal: metal, heavy metal, metal, thrash metal, metal song
    blues: blues, blues, twelve bar blues, 12-bar blues, blues song, bluesy music
    jazz: jazz, jazz, bebop, smooth jazz, cool jazz, jazzy music
    funk: funk, funk, funky music, funk groove, funk jam
    soul: soul, soul, r&b, rnb, neo soul, rhythm and blues, motown
    reggae: reggae, reggae, roots reggae, dub reggae, reggae music
    bossa nova: bossa nova, bossa nova, bossa, brazilian bossa nova, samba jazz
    latin: latin, salsa, latin music, latin dance, cuban music, mambo
    ballad: ballad, ballad, love song
    country: country, country, country song, country music, bluegrass, honky tonk
    folk: folk, folk, folk song, folk music, campfire folk
    cinematic: cinematic, film score, movie soundtrack, trailer music, orchestral score
    classical: classical, classical, classical music, classical piece, chamber music, baroque
    lo-fi: lo-fi, lofi, lo-fi hip hop, lofi beats, chillhop, lo-fi beat, study beats, lofi hip-hop
    house: house, house, deep house, house music, club house, garage house
    techno: techno, techno, techno track, minimal techno, warehouse techno, industrial techno
    trance: trance, trance, trance anthem, edm, rave
    disco: disco, disco, nu disco, disco funk, disco music
    synthwave: synthwave, synthwave, retrowave, outrun, retro synth, synth wave
    hip-hop: hip-hop, hip hop, hip-hop beat, boom bap, rap beat, hiphop, old school hip hop
    trap: trap, trap, trap beat, trap music, drill
    drum and bass: drum and bass, drum and bass, dnb, drum'n'bass, d&b, jungle, liquid dnb
    ambient: ambient, ambient, ambient music, soundscape, atmospheric music, new age
    chiptune: chiptune, chiptune, 8-bit, 8-bit game music, video game music, chip music
""")

ERAS = rows("""
    50s: 50s, 1950s, fifties
    60s: 60s, 1960s, sixties, 60's
    70s: 70s, 1970s, seventies, 70's
    80s: 80s, 80s, 1980s, eighties, 80's
    90s: 90s, 90s, 1990s, nineties, 90's
    2000s: 2000s, 2000s, noughties
""")

TEMPOS = rows("""
    very slow: very slow, really slow, extremely slow, crawling
    slow: slow, slow, slow tempo, unhurried, downtempo
    medium: medium tempo, mid-tempo, moderate, medium, midtempo, walking pace
    fast: fast, fast, upbeat, quick, fast-paced, up-tempo
    very fast: very fast, really fast, frantic, breakneck, super fast, racing
""")

MOODS = rows("""
    happy: happy, cheerful, joyful, sunny, bright, feel-good
    uplifting: uplifting, optimistic, hopeful, inspiring
    sad: sad, melancholic, sorrowful, gloomy, heartbroken, melancholy
    dark: dark, moody, brooding, sinister
    energetic: energetic, high-energy, driving, powerful, exciting
    calm: calm, peaceful, gentle, soothing, quiet, soft
    aggressive: aggressive, angry, intense, fierce
    dreamy: dreamy, ethereal, floating, hazy
    romantic: romantic, tender, loving, warm
    epic: epic, grand, heroic, majestic
    mysterious: mysterious, eerie, haunting
    tense: tense, menacing, suspenseful, ominous
    nostalgic: nostalgic, wistful, vintage, retro
    playful: playful, fun, quirky, whimsical
    groovy: groovy, funky, danceable, grooving
    relaxed: relaxed, chill, laid-back, mellow, easygoing, chilled
""")

INSTRUMENTS = rows("""
    piano: piano, piano, grand piano, piano keys, keys
    electric piano: electric piano, rhodes, e-piano, electric piano chords, wurlitzer
    organ: organ, hammond organ, organ chords, hammond
    strings: strings, string section, violins, orchestral strings, string ensemble
    clean guitar: clean guitar, clean electric guitar, rhythm guitar, electric guitar
    distorted guitar: distorted guitar, distorted guitars, loud guitars, heavy guitars
    acoustic guitar: acoustic guitar, nylon guitar, classical guitar, spanish guitar
    guitar: guitar, guitars, guitar
    guitar solo: guitar solo, lead guitar, electric guitar solo, solo guitar, wailing guitar
    synth pad: synth pad, synth pads, pads, synth chords, warm pads, lush pads
    synth lead: synth lead, lead synth, synth melody, synthesizer lead
    synth: synth, synths, synthesizer, synthesizers
    saxophone: saxophone, sax, saxophone, tenor sax, alto sax
    trumpet: trumpet, horn, brass, trumpets
    flute: flute, flutes, flute
    chip lead: chip lead, square wave lead, 8-bit lead, chiptune melody
    chip arpeggio: chip arpeggio, chip arpeggios, 8-bit arpeggios, fast arpeggios
    vibraphone: vibraphone, vibes, vibraphone, mallets
    music box: music box, music box, toy piano, celesta
    pluck: plucked synth, synth plucks, pluck synth, synth arpeggio, arpeggiated synth
    choir: choir, choir pad, choir voices, angelic choir
    bass: bass, bassline, bass line, bass
    bass guitar: bass guitar, electric bass, finger bass, bass guitar
    slap bass: slap bass, slapped bass, slap bass line
    synth bass: synth bass, synth bassline, bass synth, analog bass
    double bass: double bass, upright bass, standup bass, acoustic bass
    808 bass: 808 bass, 808, 808s, sub bass, deep 808
    drums: drums, drums, beat, drum kit, drum beat
    percussion: percussion, hand percussion, percussions
    shaker: shaker, shakers
    tambourine: tambourine, tambourines
    congas: congas, conga, conga drums
    bongos: bongos, bongo drums, bongo
    cowbell: cowbell, more cowbell, cowbells
    clave: clave, claves
    woodblock: woodblock, wood block
    triangle: triangle
    cabasa: cabasa
    brushes: brushes, brushed drums, brushed snare, drum brushes
""")

PLAYING = rows("""
    piano: soft, gentle, bright, jazzy, warm, sparse, rich
    saxophone: groovy, smooth, soulful, sultry, wailing, jazzy, sexy
    trumpet: bright, muted, bold, jazzy
    guitar solo: screaming, soaring, bluesy, expressive
    flute: airy, breathy, light
    synth lead: catchy, bright, shiny, soaring
    synth: retro, analog, shimmering, shiny, vintage
    synth pad: warm, lush, wide, dreamy
    strings: lush, sweeping, emotional
    bass: deep, groovy, fat, heavy, warm, funky
    organ: warm, gritty, churchy
    electric piano: warm, mellow, smooth, jazzy
    distorted guitar: heavy, crunchy, fuzzy, loud, roaring
    vibraphone: mellow, shimmering, cool
""")
"""Color that promises nothing measurable."""

KITS = rows("""
    acoustic: live drums, acoustic drums, real drums, natural drums
    rock: heavy drums, big drums, loud drums, hard-hitting drums, rock drums, pounding drums
    80s: bassy drums, gated drums, 80s drums, punchy drums, drum machine, retro drums
    house: four-on-the-floor beat, house beat, four on the floor drums, club drums, claps
    808: 808 drums, trap drums, 808 beat, booming drums
    techno: pounding kick, techno kick, hard kick drum, driving kick
    lofi: dusty drums, lo-fi drums, lofi beat, vinyl drums, soft drums
    jazz: brushed drums, jazz drums, brushes, soft brushes, light drums
    dnb: breakbeat, fast breakbeats, breakbeats, jungle drums, rolling drums
    chip: 8-bit drums, chip drums, noise drums, chiptune drums
""")

DENSITIES = rows("""
    sparse: sparse, minimal, minimalist, simple, spacious
    busy: busy, dense, full, rich, intricate
""")

FEELS = rows("""
    swing: swing, swinging, shuffle, shuffling, swung rhythm
""")

SCENES = (
    *("in the rain", "for studying", "at night", "on the beach", "by the fire", "for a video game"),
    *(
        "in a small club",
        "for a road trip",
        "on a sunday morning",
        "under the stars",
        "for dancing",
    ),
    *("for a film", "in space", "in the forest", "for sleeping", "at sunset", "in winter"),
)
"""What people add that promises nothing about the notes."""
