"""EnCodec (Défossez et al. 2022) on any runtime: windows, streams, codebooks; networks apart."""
