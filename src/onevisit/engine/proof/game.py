"""Solves the game of visits on a finite graph: the least cost the applicant can guarantee.

Two players, weights 0 and 1. The government chooses against the applicant but cannot stall for
ever: where it can be made to move on, it does. So a value k means: the applicant has a strategy
by which the cost never exceeds k and an end always stays reachable.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Label = TypeVar("Label")


@dataclass(frozen=True)
class Edge(Generic[Label]):
    """One move to node `target` at a cost of 0 or 1."""

    cost: int
    target: int
    label: Label


@dataclass
class Graph(Generic[Label]):
    """Nodes are numbers from 0, the start. `mine[n]`: the applicant moves there; `ends` are the
    nodes where the game is over."""

    mine: list[bool] = field(default_factory=list)
    edges: list[list[Edge[Label]]] = field(default_factory=list)
    ends: set[int] = field(default_factory=set)

    def only(self, keep: Callable[[Label], bool]) -> "Graph[Label]":
        """The same game without the moves whose label `keep` refuses."""
        edges = [[each for each in out if keep(each.label)] for out in self.edges]
        return Graph(self.mine, edges, self.ends)


def solve(graph: Graph[Label]) -> list[int | None]:
    """The value of every node; None where no number of visits guarantees an end."""
    values: list[int | None] = [None] * len(graph.mine)
    won: set[int] = set()
    cost = 0
    while True:
        layer = _layer(graph, won)
        if layer == won:
            return values
        for node in layer - won:
            values[node] = cost
        won, cost = layer, cost + 1


def _layer(graph: Graph[Label], won: Collection[int]) -> set[int]:
    """The nodes won at one more visit than `won`: the largest set in which the applicant can
    stay, whatever the government does, and from each node of which an end (or, by paying, a node
    already won) can be reached."""
    inside = set(range(len(graph.mine)))
    while True:
        moves = _keep_safe(graph, inside, won)
        reaching = _reaching(graph, moves, won)
        if reaching == inside:
            return inside
        inside = reaching


def _keep_safe(
    graph: Graph[Label], inside: set[int], won: Collection[int]
) -> dict[int, list[Edge[Label]]]:
    """Shrinks `inside` until no government move leads out of it; the moves that stay inside."""
    before: dict[int, list[int]] = {}
    left: dict[int, int] = {}
    lost: list[int] = []
    for node in inside:
        safe = 0
        for edge in graph.edges[node]:
            if edge.cost:
                safe += edge.target in won
            elif edge.target in inside:
                safe += 1
                before.setdefault(edge.target, []).append(node)
        left[node] = safe
        whole = len(graph.edges[node])
        if node not in graph.ends and (not safe or (safe < whole and not graph.mine[node])):
            lost.append(node)
    while lost:
        node = lost.pop()
        if node not in inside:
            continue
        inside.discard(node)
        for each in before.get(node, ()):
            left[each] -= 1
            if each in inside and each not in graph.ends and not (graph.mine[each] and left[each]):
                lost.append(each)
    return {
        node: [e for e in graph.edges[node] if e.target in (won if e.cost else inside)]
        for node in inside
    }


def _reaching(
    graph: Graph[Label], moves: dict[int, list[Edge[Label]]], won: Collection[int]
) -> set[int]:
    before: dict[int, list[int]] = {}
    found = {node for node in moves if node in graph.ends}
    for node, edges in moves.items():
        for edge in edges:
            if edge.cost:
                found.add(node)
            else:
                before.setdefault(edge.target, []).append(node)
    waiting = list(found)
    while waiting:
        for node in before.get(waiting.pop(), ()):
            if node not in found:
                found.add(node)
                waiting.append(node)
    return found


def play(
    graph: Graph[Label], values: list[int | None], ends: Collection[int]
) -> list[Edge[Label]] | None:
    """The shortest play from the start to one of `ends` in which both play their best; None when
    there is none, or when nothing can be guaranteed."""
    came: dict[int, tuple[int, Edge[Label]]] = {}
    waiting, place = [0], 0
    while place < len(waiting):
        node = waiting[place]
        place += 1
        if node in ends:
            return _back(came, node)
        value = values[node]
        for edge in graph.edges[node]:
            after = values[edge.target]
            best = value is not None and after is not None and edge.cost + after == value
            if best and edge.target not in came and edge.target != 0:
                came[edge.target] = (node, edge)
                waiting.append(edge.target)
    return None


def _back(came: dict[int, tuple[int, Edge[Label]]], node: int) -> list[Edge[Label]]:
    edges: list[Edge[Label]] = []
    while node in came:
        node, edge = came[node]
        edges.append(edge)
    return edges[::-1]
