"""Forecasts how a service will run with given arrivals and people, before anybody publishes it.

A room of its own: it draws chances, which the core must not, and needs nothing of the store.
"""

from onevisit.forecast.assumptions import Assumptions, WrongAssumption, read
from onevisit.forecast.outcome import Outcome, Place, Way, outcome
from onevisit.forecast.run import Observed, simulate, situations

__all__ = [
    "Assumptions",
    "Observed",
    "Outcome",
    "Place",
    "Way",
    "WrongAssumption",
    "outcome",
    "read",
    "simulate",
    "situations",
]
