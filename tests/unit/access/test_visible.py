"""An officer sees the fields and materials of their own items, and nothing else."""

import uuid

from onevisit.access import Actor, PostValue, own_items, visible_materials, visible_sections
from onevisit.definition.form import parse_form
from onevisit.definition.workflow import Material

FORM = """
$schema: https://json-schema.org/draft/2020-12/schema
$id: demo
title: 演示表
type: object
properties:
  name: {title: 名称, type: string, x-for: ["*"]}
  area: {title: 面积, type: integer, x-for: [fire, food]}
  brand: {title: 品牌, type: string, x-for: [tobacco]}
x-layout:
  - {id: who, title: 申请人, fields: [name]}
  - {id: place, title: 场所, fields: [area]}
  - {id: goods, title: 商品, fields: [brand]}
"""
OFFICER = Actor(uuid.uuid4(), "演示承办", (PostValue("handler", "fire_rescue"),))
ITEMS = [("fire", "fire_rescue"), ("tobacco", "tobacco_office"), ("food", "market")]


def material(name: str, *items: str) -> Material:
    return Material(id=name, title=name, source="applicant", items=items)


def test_own_items_are_those_of_the_department() -> None:
    assert own_items(OFFICER, ITEMS) == {"fire"}
    assert own_items(Actor(uuid.uuid4(), "综窗", (PostValue("clerk"),)), ITEMS) == frozenset()


def test_only_fields_of_own_items_are_seen() -> None:
    form, _ = parse_form(FORM, "forms/demo.yaml")
    seen = visible_sections(form, {"fire"})
    assert [field.id for section in seen for field in section.fields] == ["name", "area"]


def test_without_items_not_even_common_fields_are_seen() -> None:
    form, _ = parse_form(FORM, "forms/demo.yaml")
    assert visible_sections(form, ()) == ()


def test_only_materials_of_own_items_are_seen() -> None:
    plan, sign = material("plan", "fire", "food"), material("sign", "tobacco")
    assert visible_materials([plan, sign], {"fire"}) == (plan,)
    assert visible_materials([plan, sign], ()) == ()
