"""The picture of a service's flow says what its plan says."""

from pathlib import Path

import pytest

from onevisit import engine
from onevisit.catalog.folder import load_folder
from onevisit.definition.service import Definition
from onevisit.web.flow import HEIGHT, NEVER_FIRST, PER_LINE, WIDTH, Flow, flow, wrapped

ROOT = Path(__file__).resolve().parents[3]
SERVICES = {each.definition.workflow.id: each.definition for each in load_folder(ROOT).services}


def drawn(definition: Definition) -> Flow:
    whole = engine.everything(definition)
    return flow(engine.plan(definition, whole), whole)


@pytest.mark.parametrize("service", SERVICES)
def test_every_item_has_a_box_of_its_own_inside_the_drawing(service: str) -> None:
    definition = SERVICES[service]
    found = drawn(definition)
    items = [box for box in found.boxes if not box.window]
    assert len(items) == len(definition.workflow.items)
    places = [(box.x, box.y) for box in found.boxes]
    assert len(set(places)) == len(places)
    for x, y in places:
        assert 0 <= x <= found.width - WIDTH
        assert 0 <= y <= found.height - HEIGHT
        assert not [other for other in places if other[0] == x and 0 < abs(other[1] - y) < HEIGHT]


def test_dependencies_are_drawn_by_their_kind() -> None:
    """开办餐饮店: tobacco starts after the licence; food and signboard are only decided after."""
    found = drawn(SERVICES["open_restaurant"])
    by_title = {"".join(box.lines): box for box in found.boxes}
    assert by_title["烟草专卖零售许可"].x > by_title["营业执照信息核验"].x
    assert by_title["食品经营许可（新办）"].x == by_title["营业执照信息核验"].x
    assert sum(arrow.decides for arrow in found.arrows) == 2
    said = "；".join(found.sentences)
    assert "烟草专卖零售许可：营业执照信息核验办好后启动" in said
    assert "食品经营许可（新办）：先同时审查，等营业执照信息核验有结果后决定" in said


@pytest.mark.parametrize(
    "title",
    ["短", "一" * 12, "一" * 13, "一" * 24, "一" * 40, "公众聚集场所投入使用、营业前消防安全检查"],
)
def test_titles_fit_their_boxes(title: str) -> None:
    lines = wrapped(title)
    assert len(lines) <= 2
    assert max(map(len, lines)) <= PER_LINE
    assert lines[-1][0] not in NEVER_FIRST
    assert ("".join(lines) == title) is (len(title) <= 2 * PER_LINE)
