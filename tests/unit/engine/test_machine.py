"""The tables that markings move by are the machines: exhaustively, over a whole small chart."""

import pytest
from transitions import MachineError

from onevisit import engine
from onevisit.engine.chart import Chart, Marking
from onevisit.engine.compile import _Compiler
from onevisit.engine.fire import settle
from onevisit.engine.machine import Holder, build
from proof.vectors import vector


def reachable(chart: Chart) -> list[Marking]:
    order = [settle(chart, chart.initial).marking]
    seen = set(order)
    for marking in order:
        for region in chart.regions:
            for move in engine.possible(chart, marking, region):
                after = engine.fire(chart, marking, region, move.event).marking
                if after not in seen:
                    seen.add(after)
                    order.append(after)
    return order


@pytest.mark.parametrize("name", ["t2", "t3", "v11"])
def test_machine_and_table_make_the_same_moves(name: str) -> None:
    definition = vector(name)
    selection = engine.everything(definition)
    chart = engine.compile_chart(definition, selection)
    compiler = _Compiler(definition, selection)
    specs = [compiler.case(), *map(compiler.approval, selection.parts)]
    holders = {spec.key: Holder({}) for spec in specs}
    machines = {spec.key: build(spec, holders[spec.key]) for spec in specs}
    for marking in reachable(chart):
        for region, table in chart.tables.items():
            events = {move.event for moves in table.moves.values() for move in moves}
            for event in events:
                first = next(
                    (
                        move.target
                        for move in table.moves[marking[region]]
                        if move.event == event and move.may_fire(marking)
                    ),
                    marking[region],
                )
                holder, machine = holders[region], machines[region]
                holder.marking = marking
                machine.set_state(marking[region])
                try:
                    holder.trigger(event)  # type: ignore[attr-defined] # the machine adds it
                except MachineError:
                    assert first == marking[region]
                assert holder.state == first
