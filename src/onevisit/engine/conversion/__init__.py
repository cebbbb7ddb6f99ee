"""Turns a serial description of today into a parallel draft and explains every change."""
