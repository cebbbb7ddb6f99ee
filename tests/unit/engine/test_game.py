"""Games small enough to solve by hand."""

from onevisit.engine.proof.game import Edge, Graph, play, solve


def game(mine: list[bool], edges: list[list[tuple[int, int]]], ends: set[int]) -> Graph[str]:
    named = [[Edge(cost, to, f"{n}>{to}") for cost, to in out] for n, out in enumerate(edges)]
    return Graph(mine, named, ends)


def test_the_applicant_takes_the_cheaper_way() -> None:
    found = game([True, True], [[(1, 1), (0, 1)], []], {1})
    assert solve(found) == [0, 0]


def test_the_government_takes_the_dearer_one() -> None:
    found = game([False, True], [[(1, 1), (0, 1)], []], {1})
    assert solve(found) == [1, 0]


def test_the_government_cannot_stall_for_ever() -> None:
    found = game([False, False, True], [[(0, 1)], [(0, 0), (0, 2)], []], {2})
    assert solve(found) == [0, 0, 0]


def test_the_applicant_cannot_win_by_waiting() -> None:
    found = game([True, True, True], [[(0, 1)], [(0, 0), (1, 2)], []], {2})
    assert solve(found) == [1, 1, 0]


def test_a_dead_end_is_worth_nothing() -> None:
    found = game([False, True, True], [[(0, 1), (0, 2)], [], []], {2})
    assert solve(found) == [None, None, 0]
    assert play(found, solve(found), {2}) is None


def test_moves_can_be_taken_out() -> None:
    found = game([True, True], [[(1, 1), (0, 1)], []], {1}).only(lambda label: False)
    assert solve(found) == [None, 0]


def test_the_play_is_the_shortest_that_costs_as_much() -> None:
    found = game(
        [True, False, True, True],
        [[(0, 1)], [(0, 1), (1, 2), (0, 3)], [(0, 3)], []],
        {3},
    )
    values = solve(found)
    assert values[0] == 1
    shown = play(found, values, {3})
    assert shown is not None
    assert [edge.label for edge in shown] == ["0>1", "1>2", "2>3"]
