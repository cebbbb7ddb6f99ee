"""Drives a service's whole journey over HTTP as its different users, the way a browser would."""

from onevisit.cli.journey.drive import Failed, drive

__all__ = ["Failed", "drive"]
