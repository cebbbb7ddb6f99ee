"""Lays out the game of visits: every marking that fire() reaches, with who is where and what has
been done in person.

A node is a marking, whether the applicant is at the counter (`here`), which duties are done, and
whose turn it is. The applicant acts freely or waits; then the government makes one move. The
rules are docs/proof.md, “跑动次数”.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from onevisit.definition.lifecycle import State
from onevisit.definition.service import Definition
from onevisit.engine.chart import CASE, Chart, Marking, Move
from onevisit.engine.fire import fire, possible, settle
from onevisit.engine.presence import Carry, Duties, Handover, Meeting, is_slow
from onevisit.engine.proof.acts import (
    AT_COUNTER,
    BY_POST,
    ONLINE,
    REMOTE_WAYS,
    WITHOUT_NET,
    Act,
    listed,
    without_net,
)
from onevisit.engine.proof.endings import Endings
from onevisit.engine.proof.game import Edge, Graph
from onevisit.engine.selection import Selection


class Node(NamedTuple):
    """Where the game stands; `done` holds the duties done in person, `corrected` whether the one
    correction has been asked."""

    marking: Marking
    here: bool
    done: frozenset[str]
    corrected: bool
    mine: bool


@dataclass
class Arena:
    """The game over one chart. With `correction` the government may ask for one correction."""

    definition: Definition
    selection: Selection
    chart: Chart
    duties: Duties
    correction: bool

    def graph(self) -> tuple[Graph[Act], list[Node]]:
        """The reachable game from the start, and what its nodes stand for."""
        start = Node(
            settle(self.chart, self.chart.initial).marking, False, frozenset(), False, True
        )
        nodes, numbers = [start], {start: 0}
        graph: Graph[Act] = Graph()
        for place, node in enumerate(nodes):
            edges: list[Edge[Act]] = []
            for cost, act, after in self.moves(node):
                if after not in numbers:
                    numbers[after] = len(nodes)
                    nodes.append(after)
                edges.append(Edge(cost, numbers[after], act))
            graph.mine.append(node.mine)
            graph.edges.append(edges)
            if self._case(node).final:
                graph.ends.add(place)
        return graph, nodes

    def moves(self, node: Node) -> Iterator[tuple[int, Act, Node]]:
        """(cost, act, next node) of everything the player whose turn it is can do."""
        if self._case(node).final:
            return
        if not node.mine:
            yield from self._government(node)
            return
        yield from self._handing_in(node)
        yield from self._showing(node)
        yield from self._carrying(node)
        yield from self._collecting(node)
        if self._government(node):
            yield 0, Act("wait"), node._replace(mine=False)

    # ---- the applicant ---------------------------------------------------------------------

    def _handing_in(self, node: Node) -> Iterator[tuple[int, Act, Node]]:
        for region in self.chart.regions:
            for move in possible(self.chart, node.marking, region):
                if move.by != "applicant" or self._ends.closes(move) or self._ends.refuses(move):
                    continue
                first = region == CASE and move.source == self.chart.tables[CASE].initial
                submission = self.definition.workflow.submission
                after = self._fired(node.marking, move)
                for way in submission.channels if first else submission.correction:
                    act = Act("submit" if first else "answer", move.title, way, way in WITHOUT_NET)
                    if first and way == AT_COUNTER:
                        shown = self._shown_at_submission
                        act = replace(act, bring=self._originals(shown))
                        yield self._acted(node, act, node.done | shown, after)
                    elif not first or self._may_stay_away(way):
                        yield self._acted(node, act, node.done, after)

    def _may_stay_away(self, way: str) -> bool:
        """Whether an application without coming is complete: nothing has to be seen right then,
        and paper does not travel by net."""
        if way in ONLINE and self.duties.paper:
            return False
        only_then = any(set(each.original) == {"submission"} for each in self.duties.originals)
        return not only_then and all(each.held != "submission" for each in self.duties.meetings)

    @cached_property
    def _shown_at_submission(self) -> frozenset[str]:
        """Originals that are seen when the applicant comes to submit."""
        early = {"submission", "acceptance"}
        return frozenset(each.id for each in self.duties.originals if early & {*each.original})

    def _originals(self, material_ids: frozenset[str]) -> tuple[str, ...]:
        return tuple(each.title for each in self.duties.originals if each.id in material_ids)

    def _showing(self, node: Node) -> Iterator[tuple[int, Act, Node]]:
        """An original seen between submission and acceptance."""
        if node.marking[CASE] not in self._ends.awaiting:
            return
        for each in self.duties.originals:
            if each.id not in node.done and "acceptance" in each.original:
                act = Act("show", each.title, AT_COUNTER)
                yield self._acted(node, act, node.done | {each.id}, node.marking)

    def _carrying(self, node: Node) -> Iterator[tuple[int, Act, Node]]:
        for each in self.duties.carries:
            granted = all(self._ends.state(node.marking, key).granted for key in each.origins)
            if granted and each.material.id not in node.done:
                act = Act("carry", each.material.title, AT_COUNTER)
                yield self._acted(node, act, node.done | {each.material.id}, node.marking)

    def _collecting(self, node: Node) -> Iterator[tuple[int, Act, Node]]:
        """Everything is handed out together; what must be seen then, and what has no other way,
        brings the applicant to the counter."""
        closing = [
            move for move in possible(self.chart, node.marking, CASE) if self._ends.closes(move)
        ]
        if not closing:
            return
        things = self._handed_out(node)
        ways = [each.ways for each in things] or [BY_POST]
        unseen = frozenset(each.id for each in self.duties.originals) - node.done
        methods = () if unseen else tuple(m for m in REMOTE_WAYS if all(m in each for each in ways))
        if not unseen and set(methods) <= ONLINE and all(each & {*REMOTE_WAYS} for each in ways):
            methods = (*methods, "mixed")
        if all(ways) and (unseen or any(AT_COUNTER in each for each in ways)):
            methods = (*methods, AT_COUNTER)
        what = listed(things)
        for method in methods:
            offline = all(each & without_net(method) for each in ways)
            own = [move for move in closing if (move.by == "applicant") == (method == "download")]
            move = (own or closing)[0]
            act = Act("collect", what, method, offline, move, self._originals(unseen))
            yield self._acted(node, act, node.done, self._fired(node.marking, move))

    def _handed_out(self, node: Node) -> list[Handover]:
        """What has been granted and not been carried away yet; parts that the chart leaves out
        count as granted."""
        carried = {
            key
            for each in self.duties.carries
            if each.material.id in node.done
            for key in each.origins
        }
        return [
            each
            for each in self.duties.handovers
            if each.part not in carried
            and (
                each.part not in self.chart.index
                or self._ends.state(node.marking, each.part).granted
            )
        ]

    @staticmethod
    def _acted(
        node: Node, act: Act, done: frozenset[str], marking: Marking
    ) -> tuple[int, Act, Node]:
        in_person = act.way == AT_COUNTER
        cost = int(in_person and not node.here)
        return cost, act, node._replace(marking=marking, done=done, here=node.here or in_person)

    # ---- the government --------------------------------------------------------------------

    def _government(self, node: Node) -> list[tuple[int, Act, Node]]:
        """Everything the government can do now; it refuses only where it could also go on, since
        nobody is refused for what the premise (complete material) has given."""
        key = node._replace(mine=False)
        if key not in self._known:
            moves = [
                (0, Act("move", self._ends.told(move), move=move), self._after(key, move))
                for region in self.chart.regions
                for move in possible(self.chart, node.marking, region)
                if self._may(key, move)
            ]
            moves += self._meetings(key)
            goes_on = any(
                act.move is None or not self._ends.refuses(act.move) for _, act, _ in moves
            )
            self._known[key] = moves if goes_on else []
        return self._known[key]

    def _may(self, node: Node, move: Move) -> bool:
        if move.by == "applicant" or self._ends.closes(move):
            return False
        if move.by == "timer" and self._ends.refuses(move):
            return False  # the applicant keeps their own deadlines
        if "correction" in move.documents:
            return self.correction and not node.corrected
        if move.region == CASE:
            settles = self._ends.accepts(move) or self._ends.refuses(move)
            return not (settles and self._must_be_seen(node))
        return not self._waits_for_applicant(node, move)

    def _waits_for_applicant(self, node: Node, move: Move) -> bool:
        """Whether an approval's move needs a paper carried or an appointment held first. It is not
        refused for a paper either: an applicant who never brings it gets no result."""
        uncarried = self._uncarried(node, move.region)
        state = self._ends.state_of(move)
        if uncarried and (state.final or any(each.before_start for each in uncarried)):
            return True
        return state.granted and any(
            move.region in each.parts and each.key not in node.done and not each.waivable
            for each in self._reviewing_meetings
        )

    def _meetings(self, node: Node) -> list[tuple[int, Act, Node]]:
        """Appointments that can be called now; each costs a visit of its own, whenever it is."""
        found: list[tuple[int, Act, Node]] = []
        for each in self._reviewing_meetings:
            called = each.key not in node.done and any(
                self._is_working(node, key) for key in each.parts if key in self.chart.index
            )
            if called:
                after = node._replace(done=node.done | {each.key}, here=True, mine=True)
                found.append((1, Act("meet", each.title, AT_COUNTER), after))
        return found

    def _after(self, node: Node, move: Move) -> Node:
        marking = self._fired(node.marking, move)
        if move.region == CASE:
            spot = self._ends.accepts(move) and self.definition.workflow.submission.on_the_spot
        else:
            spot = move.by != "timer" and not is_slow(self.selection.part(move.region))
        if self.definition.workflow.issue.days and marking[CASE] != node.marking[CASE]:
            spot = spot and not any(map(self._ends.closes, possible(self.chart, marking, CASE)))
        corrected = node.corrected or "correction" in move.documents
        return Node(marking, node.here and spot, node.done, corrected, True)

    def _must_be_seen(self, node: Node) -> bool:
        return any(
            each.id not in node.done and "collection" not in each.original
            for each in self.duties.originals
        )

    def _uncarried(self, node: Node, region: str) -> list[Carry]:
        return [
            each
            for each in self.duties.carries
            if region in each.targets and each.material.id not in node.done
        ]

    def _is_working(self, node: Node, region: str) -> bool:
        table, state = self.chart.tables[region], node.marking[region]
        waits = any(each.before_start for each in self._uncarried(node, region))
        return state != table.initial and not table.states[state].final and not waits

    # ---- the chart -------------------------------------------------------------------------

    def granted(self, node: Node) -> bool:
        """Whether the case is over and something was granted."""
        state = self._case(node)
        return state.final and state.granted

    def _case(self, node: Node) -> State:
        return self._ends.state(node.marking, CASE)

    def _fired(self, marking: Marking, move: Move) -> Marking:
        return fire(self.chart, marking, move.region, move.event).marking

    @cached_property
    def _ends(self) -> Endings:
        return Endings(self.chart)

    @cached_property
    def _known(self) -> dict[Node, list[tuple[int, Act, Node]]]:
        return {}

    @cached_property
    def _reviewing_meetings(self) -> tuple[Meeting, ...]:
        return tuple(each for each in self.duties.meetings if each.held == "review")
