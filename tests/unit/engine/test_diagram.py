"""The drawing of a statechart: parallel approvals inside the reviewing case."""

from onevisit import engine
from onevisit.engine.diagram import mermaid
from proof.vectors import vector


def test_a_chart_is_drawn_with_its_regions_and_waits() -> None:
    definition = vector("t2")
    lines = mermaid(engine.compile_chart(definition, engine.everything(definition))).splitlines()
    assert lines[0] == "stateDiagram-v2"
    assert "    [*] --> case__draft" in lines
    assert "    case__concluded --> [*]" in lines
    assert "    state case__reviewing {" in lines
    assert lines.count("        --") == 1
    started = [line for line in lines if "licence__waiting --> licence__handle" in line]
    assert started == ["        licence__waiting --> licence__handle : 启动办理［待：甲许可］"]
    assert len(lines) == len(set(lines))
