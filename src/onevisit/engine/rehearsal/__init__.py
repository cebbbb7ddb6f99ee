"""Plays authored scenarios; the pure engine is one of the worlds they can be played in."""
