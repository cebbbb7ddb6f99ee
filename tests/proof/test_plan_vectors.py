"""The working days that docs/proof.md fixes for each vector."""

import pytest

from onevisit import engine
from onevisit.engine.situations import situations
from proof.vectors import vector

DAYS = {"t1": 5, "t2": 8, "t3": 6, "t4": 7, "t5": 15, "t6": 25, "t7": 2}


@pytest.mark.parametrize("name", DAYS)
def test_a_vector_takes_what_the_model_says(name: str) -> None:
    definition = vector(name)
    plans = [engine.plan(definition, each.selection) for each in situations(definition)]
    assert max(each.days for each in plans) == DAYS[name]
