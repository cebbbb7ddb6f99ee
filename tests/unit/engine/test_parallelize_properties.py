"""Random serial descriptions: the draft keeps every true dependency and no other, asks nothing
twice, loses nothing, and always is a service that compiles and is proven."""

from dataclasses import dataclass, field
from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from onevisit.definition.source import read
from onevisit.engine import compile_chart, select
from onevisit.engine.conversion.merged_materials import BEFORE
from onevisit.engine.conversion.parallelize import Conversion
from onevisit.engine.conversion.yaml_text import yaml_text
from onevisit.engine.proof.asked import asked_again
from onevisit.engine.proof.prove import prove
from onevisit.engine.situations import situations
from unit.engine import serial_city

PAPERS = {"平面图": "平面图", "场地图": "平面图", "租赁合同": "租赁合同", "健康证明": "健康证明"}
ALSO = {"场地图": ["平面图"]}
COPIES = ("", "（复印件）", "原件", " ")
HELD_PAPERS = ("身份证", "居民身份证")
BLANKS = {"联系电话": "string", "面积": "integer", "地址": "string", "姓名": "string"}
QUESTIONS = (None, None, "是否聚集？", "是否夜间？")
USES = ("material", "paper", "information", "number", "blank", "hint")
INTO_OBLIGATIONS = {"soundness", "visits", "asked_once", "law", "names"}


@dataclass
class Random:
    """A description, and what is true of it by the way it was made."""

    items: list[dict[str, Any]]
    uses: list[tuple[str, str, bool]] = field(default_factory=list)
    numbers: list[tuple[str, str]] = field(default_factory=list)

    def selected(self, yes: dict[str, bool], wanted: dict[str, bool]) -> set[str]:
        return {
            each["id"]
            for each in self.items
            if yes.get(each.get("only_if", ""), True) and wanted.get(each["id"], True)
        }

    def cases(self) -> list[tuple[dict[str, bool], dict[str, bool], set[str]]]:
        """Every way to answer, with the items it selects."""
        asked = sorted({each["only_if"] for each in self.items if "only_if" in each})
        optional = [each["id"] for each in self.items if each.get("optional")]
        return [
            (yes, wanted, self.selected(yes, wanted))
            for one in product((True, False), repeat=len(asked))
            for other in product((True, False), repeat=len(optional))
            for yes, wanted in [
                (dict(zip(asked, one, strict=True)), dict(zip(optional, other, strict=True)))
            ]
        ]


@st.composite
def descriptions(draw: st.DrawFn) -> Random:
    count = draw(st.integers(1, 5))
    ids = [f"i{n}" for n in range(count)]
    rank = dict(zip(ids, draw(st.permutations(range(count))), strict=True))
    made = Random([_item(draw, each) for each in ids])
    for each in made.items:
        for maker in ids:
            if rank[maker] < rank[each["id"]] and draw(st.integers(0, 2)) == 0:
                _use(made, each, maker, draw(st.sampled_from(USES)))
    return made


def _item(draw: st.DrawFn, name: str) -> dict[str, Any]:
    found = serial_city.item(
        name,
        department=draw(st.sampled_from(["centre", "market", "fire"])),
        days=draw(st.integers(0, 25)),
        produces=[{"title": f"{name}号许可证", "gives": [f"{name}号编号"]}],
        consumes=[],
        materials=[
            {"title": title + draw(st.sampled_from(COPIES)), "also": ALSO.get(title, [])}
            for title in draw(
                st.lists(st.sampled_from(sorted({*PAPERS, *HELD_PAPERS})), max_size=3)
            )
        ],
        fields=[
            {"title": title, "type": BLANKS[title]}
            for title in draw(st.lists(st.sampled_from(sorted(BLANKS)), max_size=2))
        ],
    )
    if draw(st.booleans()):
        found["materials"].append({"title": f"{name}号申请表"})
    if draw(st.integers(0, 3)) == 0:
        found["optional"] = True
    if question := draw(st.sampled_from(QUESTIONS)):
        found["only_if"] = question
    if draw(st.integers(0, 2)) == 0:
        found["inspection"] = {"officers": 2, "basis": "测试"}
    return found


def _use(made: Random, item: dict[str, Any], maker: str, way: str) -> None:
    """The item works with what the maker makes, in one of the ways in which that can be said."""
    result, number = f"{maker}号许可证", f"{maker}号编号"
    if way == "material":
        item["materials"].append({"title": f"{result}（复印件）"})
    elif way == "hint":
        item["materials"].append({"title": f"{maker}的老证件", "from": maker})
    elif way == "blank":
        item["fields"].append({"title": number, "type": "string"})
        made.numbers.append((item["id"], maker))
    else:
        what = number if way == "number" else result
        item["consumes"].append({"what": what, "as": "paper" if way == "paper" else "information"})
    made.uses.append((item["id"], maker, way in ("material", "paper", "hint")))


def closure(pairs: set[tuple[str, str]], chosen: set[str]) -> set[tuple[str, str]]:
    """Who waits for whom, directly or not, among the chosen."""
    found = {(user, maker) for user, maker in pairs if {user, maker} <= chosen}
    while more := {(a, d) for a, b in found for c, d in found if b == c} - found:
        found |= more
    return found


def answers(found: Conversion, yes: dict[str, bool], wanted: dict[str, bool]) -> dict[str, bool]:
    """The answers as a page would send them: what is not asked is not answered."""
    definition, given_so_far = found.definition, dict[str, bool]()
    for each in definition.questions:
        if definition.conditions.holds(each.when, given_so_far):
            known = yes | {f"want_{name}": answer for name, answer in wanted.items()}
            given_so_far[each.id] = known[each.ask if each.ask in yes else each.id]
    return given_so_far


often = settings(max_examples=30, deadline=None)


@often
@given(descriptions())
def test_every_true_dependency_is_kept_and_no_other(made: Random) -> None:
    found = serial_city.converted(*made.items)
    items = found.definition.workflow.items
    true = {(user, maker) for user, maker, _ in made.uses}
    kept = {(each.id, need) for each in items for need in each.needs}
    assert kept <= true
    cases = made.cases()
    for _, _, chosen in cases:
        assert closure(kept, chosen) == closure(true, chosen)
    for link in kept:  # none follows from the others in every case
        assert any(closure(kept - {link}, chosen) != closure(true, chosen) for *_, chosen in cases)
    paper = {user for user, _, handed_in in made.uses if handed_in}
    for each in items:
        if each.needs:
            assert each.needs_for == ("start" if each.id in paper else "decision")


@often
@given(descriptions())
def test_nothing_is_asked_twice_and_nothing_is_lost(made: Random) -> None:
    found = serial_city.converted(*made.items)
    definition = found.definition
    assert list(asked_again(situations(definition))) == []
    every = [chosen for _, _, chosen in made.cases()]
    for yes, wanted, chosen in made.cases():
        selection = select(definition, answers(found, yes, wanted))
        assert selection.item_ids == chosen
        asked = [_paper(each.title) for each in selection.asked]
        assert len(asked) == len(set(asked))
        assert not {*asked} & {*HELD_PAPERS}
        for user, maker, _ in made.uses:
            if user in chosen:
                papers = [each for each in selection.materials if user in each.items]
                given_on = any(m.source == "prior" and m.origin == maker for m in papers)
                by_hand = any(m.title.endswith(BEFORE) and maker in m.title for m in papers)
                assert (given_on, by_hand) == (maker in chosen, maker not in chosen)
        for each in made.items:
            if each["id"] in chosen:
                handed = [m.title for m in selection.materials if each["id"] in m.items]
                _has_all(found, each, handed)
    for user, maker in made.numbers:
        always = all(maker in chosen for chosen in every if user in chosen)
        form = [each.title for each in definition.form.fields if each.serves({user})]
        assert (f"{maker}号编号" in form) != always


def _paper(title: str) -> str:
    """Which of the papers this is, whatever it is called."""
    for copies in filter(None, COPIES):
        title = title.replace(copies, "")
    return PAPERS.get(title, title)


def _has_all(found: Conversion, item: dict[str, Any], titles: list[str]) -> None:
    """What the item asked for today reaches it in the draft."""
    there = {_paper(each) for each in titles}
    for material in item["materials"]:
        title = _paper(material["title"])
        if title in {*PAPERS, *HELD_PAPERS}:
            assert title in there
        elif title.endswith("申请表"):
            assert any(each.startswith("申请表") or each == title for each in there)
    served = {f.title for f in found.definition.form.fields if f.serves({item["id"]})}
    assert {each["title"] for each in item["fields"] if each["title"] in BLANKS} <= served


@often
@given(descriptions())
def test_the_draft_is_a_proven_service_whose_baseline_is_today(made: Random) -> None:
    found = serial_city.converted(*made.items)
    definition, workflow = found.definition, found.definition.workflow
    for yes, wanted, chosen in made.cases():
        selection = select(definition, answers(found, yes, wanted))
        chart = compile_chart(definition, selection)
        assert set(chart.regions) == {"case", *chosen}
    refuted = {each.id for each in prove(definition).obligations if each.status == "refuted"}
    assert not refuted & INTO_OBLIGATIONS
    assert workflow.baseline.materials == sum(len(each["materials"]) for each in made.items)
    assert workflow.baseline.visits == workflow.baseline.steps == 2 * len(made.items)
    assert workflow.baseline.days == sum(each["days"] for each in made.items)
    assert (workflow.promise.visits, workflow.promise.days) == (
        found.after.visits,
        found.after.days,
    )


SYNTAX = "?-:,[]{}&*!|>'\"%@` a0甲~._=<（"
texts = st.one_of(
    st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co")), min_size=1, max_size=20),
    st.text(SYNTAX, min_size=1, max_size=8),
)


@settings(max_examples=200, deadline=None)
@given(texts, texts, texts)
def test_any_text_is_read_as_it_was_written(one: str, two: str, three: str) -> None:
    data: dict[str, object] = {
        "map": {"a": one, "b": [two, three]},
        "list": [{"id": "i", "a": one, "b": two, "c": three, "d": [one]}, one],
        "text": two,
        "long": [{"id": "j", "a": three * 40}],
    }
    assert read(yaml_text(data, "说明", {("list", "i"): "说明"}), "file").data == data


@settings(often, max_examples=15)
@given(texts, texts, texts)
def test_any_text_survives_a_conversion(title: str, standard: str, name: str) -> None:
    found = serial_city.converted(
        serial_city.item(
            "one",
            title=title,
            materials=[{"title": name, "standard": standard}, {"title": f"{name}二"}],
            fields=[{"title": name, "type": "string", "description": standard}],
        ),
        serial_city.item("two", materials=[{"title": name}], basis=[standard]),
        title=title,
    )
    workflow = found.definition.workflow
    assert workflow.item("one").title == workflow.title == title
    assert workflow.item("two").basis == (standard,)
    asked = next(each for each in workflow.materials if each.title == name)
    assert asked.standard == standard
