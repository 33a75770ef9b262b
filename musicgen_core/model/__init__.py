"""MusicGen itself: delay pattern, sampling, the loop; engines bring the networks."""
