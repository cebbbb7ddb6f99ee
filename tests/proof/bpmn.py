"""Draws a service as a BPMN net of its own making, for an analyzer that knows nothing of ours.

Only what such a net can say: items that need at most one other before they start, refusals that
stop nothing but what needs them. What the lifecycle allows is looked up by event, so that a move
lost there is a flow lost here.
"""

from collections.abc import Iterable
from itertools import pairwise

from onevisit.definition.lifecycle import Lifecycle
from onevisit.engine.selection import Part, Selection

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d">'
    '<bpmn:process id="p" isExecutable="true">'
)
_TAIL = "</bpmn:process></bpmn:definitions>"


class Net:
    """Nodes and flows; `xml` is the process. A flow into `stuck` never goes on: it is a parallel
    join whose other branch nobody ever takes."""

    def __init__(self, selection: Selection, lifecycle: Lifecycle) -> None:
        self._parts = selection.parts
        self._case = {each.event for each in lifecycle.case.transitions}
        self._approval = {each.event for each in lifecycle.approval.transitions}
        self._nodes: list[tuple[str, str]] = []
        self._flows: list[tuple[str, str]] = []
        self.stuck = self._node("parallelGateway", "stuck")
        self._draw()

    @property
    def xml(self) -> str:
        """The net as BPMN 2.0."""
        return _HEAD + "".join(self._elements()) + _TAIL

    def _elements(self) -> Iterable[str]:
        for kind, node in self._nodes:
            yield f'<bpmn:{kind} id="{node}" name="{node}">'
            for number, (source, target) in enumerate(self._flows):
                if target == node:
                    yield f"<bpmn:incoming>f{number}</bpmn:incoming>"
                if source == node:
                    yield f"<bpmn:outgoing>f{number}</bpmn:outgoing>"
            yield f"</bpmn:{kind}>"
        for number, (source, target) in enumerate(self._flows):
            yield f'<bpmn:sequenceFlow id="f{number}" sourceRef="{source}" targetRef="{target}"/>'

    def _node(self, kind: str, name: str) -> str:
        node = f"{name}_{len(self._nodes)}"
        self._nodes.append((kind, node))
        return node

    def _flow(self, *nodes: str) -> None:
        self._flows += pairwise(nodes)

    def _choose(self, source: str, *targets: str | None) -> None:
        """One of several ways on; a way that is lost is None, and with no way left all is stuck."""
        ways = [each for each in targets if each is not None] or [self.stuck]
        gateway = self._node("exclusiveGateway", "choose")
        self._flow(source, gateway)
        for way in ways:
            self._flow(gateway, way)

    def _task(self, event: str, events: set[str], name: str = "") -> str | None:
        return self._node("task", f"{event}{name}") if event in events else None

    # ---- the service -------------------------------------------------------------------------

    def _draw(self) -> None:
        start, end = self._node("startEvent", "start"), self._merge()
        self._flow(end, self._node("endEvent", "end"))
        other = self._merge()  # a second way into the stuck join, which nobody takes
        never = self._node("parallelGateway", "never")
        self._flow(never, other, self.stuck)
        self._flow(other, never)
        self._flow(self.stuck, end)
        submitted, waiting, review = self._merge(), self._merge(), self._merge()
        submit = self._task("submit", self._case)
        self._choose(start, submit)
        if submit is not None:
            self._flow(submit, submitted)
        self._acceptance(submitted, review, end, waiting)
        self._correction(waiting, review, end)
        self._review(review, end)

    def _merge(self) -> str:
        return self._node("exclusiveGateway", "merge")

    def _acceptance(self, at: str, review: str, end: str, waiting: str | None) -> None:
        accept, decline = self._task("accept", self._case), self._task("decline", self._case)
        ask = self._task("request_correction", self._case) if waiting else None
        deemed = self._task("deem_accepted", self._case)
        self._choose(at, accept, decline, ask, deemed)
        ways = ((accept, review), (deemed, review), (decline, end), (ask, waiting))
        for task, target in ways:
            if task is not None and target is not None:
                self._flow(task, target)

    def _correction(self, waiting: str, review: str, end: str) -> None:
        answer, lapse = self._task("supplement", self._case), self._task("lapse", self._case)
        self._choose(waiting, answer, lapse)
        again = self._merge()
        if answer is not None:
            self._flow(answer, again)
        if lapse is not None:
            self._flow(lapse, end)
        self._acceptance(again, review, end, None)

    def _review(self, review: str, end: str) -> None:
        split, join = self._node("parallelGateway", "split"), self._node("parallelGateway", "all")
        self._flow(review, split)
        for part in self._parts:
            if not part.item.needs:
                begin, done = self._merge(), self._merge()
                self._flow(split, begin)
                self._flow(done, join)
                self._approval_of(part, begin, done)
        joins, closes = self._task("join", self._case), self._task("close", self._case)
        some, none = self._merge(), self._merge()
        granted, refused = "approve" in self._approval, "reject" in self._approval
        self._choose(join, some if granted else None, none if refused else None)
        self._choose(some, joins)
        self._choose(none, closes)
        if closes is not None:
            self._flow(closes, end)
        if joins is not None:
            ready = self._merge()
            self._flow(joins, ready)
            handed = [self._task(each, self._case) for each in ("hand_out", "collect")]
            self._choose(ready, *handed)
            for task in handed:
                if task is not None:
                    self._flow(task, end)

    def _approval_of(self, part: Part, begin: str, done: str) -> None:
        """From the moment the item's need is granted until it, and all that need it, are closed."""
        name = part.key
        start = self._task("start", self._approval, name)
        self._choose(begin, start)
        if start is None:
            return
        at, steps, first = start, part.route.steps, self._merge()
        self._flow(at, first)
        at = first
        for number, step in enumerate(steps[:-1]):
            ways = [self._task("forward", self._approval, f"{name}{step}")]
            back = self._task("send_back", self._approval, f"{name}{step}") if number else None
            self._choose(at, *ways, back)
            if back is not None:
                self._flow(back, first)
            at = self._merge()
            if ways[0] is not None:
                self._flow(ways[0], at)
        approve = self._task("approve", self._approval, name)
        reject = self._task("reject", self._approval, name)
        back = self._task("send_back", self._approval, name) if len(steps) > 1 else None
        self._choose(at, approve, reject, back)
        if back is not None:
            self._flow(back, first)
        waiting = [each for each in self._parts if part.item.id in each.item.needs]
        if reject is not None:
            cancels = not waiting or "cancel" in self._approval
            self._flow(reject, done if cancels else self.stuck)
        if approve is not None:
            self._granted(approve, waiting, done)

    def _granted(self, approve: str, waiting: list[Part], done: str) -> None:
        if not waiting:
            self._flow(approve, done)
            return
        split, join = self._node("parallelGateway", "split"), self._node("parallelGateway", "all")
        self._flow(approve, split)
        for each in waiting:
            begin, closed = self._merge(), self._merge()
            self._flow(split, begin)
            self._flow(closed, join)
            self._approval_of(each, begin, closed)
        self._flow(join, done)
