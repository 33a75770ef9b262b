"""mindjam's generation core: MusicGen on MindSpore, with jobs and a service around it."""
