"""Situation questions are drawn like form fields and travel in addresses without loss."""

from urllib.parse import parse_qsl

import pytest

from onevisit.definition.workflow import Option, Question
from onevisit.web import situation
from onevisit.web.fields import bind

AREA = Question(id="area", ask="面积多大？", type="integer", min=1, max=500, unit="平方米")
KIND = Question(
    id="kind",
    ask="哪一种？",
    type="choice",
    options=(Option(id="a", title="甲"), Option(id="b", title="乙")),
    help="看执照。",
)
YES = Question(id="yes", ask="是吗？", type="boolean")


@pytest.mark.parametrize(("question", "kind"), [(AREA, "text"), (KIND, "radios"), (YES, "radios")])
def test_a_question_becomes_a_field(question: Question, kind: str) -> None:
    view = bind([situation.as_field(question)], {}, ())[0]
    assert (view.kind, view.label, view.name) == (kind, question.ask, question.id)
    assert view.unit == (question.unit or "") and view.hint == (question.help or "")


def test_answers_survive_the_address() -> None:
    answers = {"area": 80, "yes": False, "kind": "甲&乙"}
    sent = dict(parse_qsl(situation.address(answers)))
    assert sent == {"area": "80", "yes": "false", "kind": "甲&乙"}
