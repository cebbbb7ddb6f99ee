"""Turns beside the course of a case: pauses, extensions, transfer, mending, handling anew."""
