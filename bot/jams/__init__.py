"""Jam sessions on Discord: what the core's jams ask for is done here, and what happens told them.

`bandstand` lets events happen and sees that their effects are carried out: `timers` wait, `posts`
speak, `boards` keep one message up to date. `presses` is what buttons and forms do, `opening` how
a jam begins, `rooms` who and what a jam is there.
"""
