"""The texts of one small service, and what is wrong with it after an edit."""

from collections.abc import Mapping

from onevisit.definition.bundle import parse_definition
from onevisit.definition.problem import DefinitionError, Problem
from onevisit.definition.service import Definition

WORKFLOW, FORM = "workflows/stall.yaml", "forms/stall.yaml"
DIRECTORY = "workflows/directory.yaml"
JURISDICTION = "workflows/jurisdictions/demo_city.yaml"
CALENDAR = "workflows/calendars/cn.yaml"
LIFECYCLE = "workflows/lifecycles/standard.yaml"

FILES: Mapping[str, str] = {
    WORKFLOW: """\
id: stall
title: 摆摊“一件事”（虚构）
version: "1.0"
summary: 测试用的小服务
effective: {from: 2026-01-01}
authority: centre
audience: [person]
jurisdiction: demo_city
basis: [测试]
promise: {visits: 1, days: 6}
baseline: {visits: 2, materials: 4, days: 20, steps: 4, source: 测试}
situations:
  - {id: area, ask: 多大？, type: integer, min: 1, max: 99}
  - {id: night, ask: 夜间经营？, type: boolean, when: area > 10}
  - id: kind
    ask: 卖什么？
    type: choice
    options:
      - {id: fruit, title: 水果}
      - {id: snacks, title: 小吃}
form: stall
materials:
  - {id: id_card, title: 身份证, source: shared, origin: population.id_card, items: [place, food]}
  - {id: place_paper, title: 占道许可, source: prior, origin: place, items: [food]}
  - {id: photo, title: 照片, source: applicant, items: [place], when: night}
items:
  - id: place
    title: 占道许可
    department: centre
    category: "01"
    limit: {days: 20}
    promise: {days: 3}
    routes:
      - {kind: filing, when: area <= 5, steps: [decide]}
      - {kind: approval, steps: [handle, decide]}
    basis: [测试]
  - id: food
    title: 食品登记
    department: market
    category: "01"
    when: kind == 'snacks'
    limit: {days: 20}
    promise: {days: 3}
    needs: [place]
    routes: [{kind: approval, steps: [handle, decide]}]
    result: {title: 登记证, fields: [name]}
    basis: [测试]
  - id: lamp
    title: 装灯
    department: centre
    category: "20"
    optional: true
    foreach: helpers
    limit: {days: 5}
    promise: {days: 1}
    routes: [{kind: filing, steps: [decide]}]
    basis: [测试]
""",
    FORM: """\
$id: stall
title: 摆摊申请表
x-layout:
  - {id: who, title: 申请人, fields: [name, card]}
  - {id: what, title: 摊位, fields: [size, helpers]}
properties:
  name: {type: string, title: 姓名, minLength: 2, x-for: ["*"]}
  card: {type: string, title: 身份证号, format: cn-id, x-for: [place], x-shared: population.id_card}
  size: {type: integer, title: 面积, minimum: 1, x-for: [place], x-from: area}
  helpers:
    type: array
    title: 帮工
    x-for: [food]
    items:
      type: object
      properties:
        name: {type: string, title: 姓名}
      required: [name]
required: [name]
""",
    DIRECTORY: """\
departments:
  - {id: centre, title: 示例市政务中心, short: 中心, uscc: 11990000MB0000001M}
  - {id: market, title: 示例市市场监管局, short: 市监, uscc: 11990000MB0000002Q}
sources:
  - {id: population, title: 人口库, department: centre, fields: [id_card]}
""",
    JURISDICTION: """\
id: demo_city
title: 示例市
region: "990000"
calendar: cn
centre: 示例市政务中心
phone: 0990-0000000
single_limit: {days: 20, basis: 测试}
joint_limit: {days: 45, basis: 测试}
correction_notice: {days: 5, basis: 测试}
correction_reply: {days: 10, basis: 测试}
delivery: {days: 10, basis: 测试}
remedies: [可以申请复议]
""",
    CALENDAR: """\
id: cn
title: 日历
first: 2026-01-01
last: 2026-12-31
source: 测试
""",
    LIFECYCLE: """\
id: standard
title: 小生命周期
case:
  initial: draft
  states:
    draft: {title: 填报}
    ended: {title: 办结, final: true}
  transitions:
    - {event: finish, title: 办结, from: [draft], to: ended, by: clerk}
approval:
  initial: waiting
  notice: shown
  steps:
    handle: {title: 承办, role: handler, done: 已承办}
    decide: {title: 决定, role: decider, done: 已决定}
  states:
    waiting: {title: 等待}
    shown: {title: 公示}
    approved: {title: 准予, final: true, granted: true}
  transitions:
    - {event: start, title: 启动, from: [waiting], to: $first, by: automatic}
    - {event: elapse, title: 公示期满, from: [$notice], to: $next, by: timer}
    - {event: approve, title: 准予, from: [$last], to: approved, by: step}
""",
}


def edited(path: str, old: str, new: str) -> dict[str, str]:
    """The files with one passage of one of them replaced."""
    assert FILES[path].count(old) == 1, f"{old!r} stands {FILES[path].count(old)} times in {path}"
    return {**FILES, path: FILES[path].replace(old, new)}


def definition(files: Mapping[str, str] = FILES) -> Definition:
    """The small service."""
    return parse_definition(WORKFLOW, files)


def problems(files: Mapping[str, str]) -> tuple[Problem, ...]:
    """Everything that is wrong with these files."""
    try:
        definition(files)
    except DefinitionError as error:
        return error.problems
    return ()


def told(files: Mapping[str, str]) -> list[str]:
    """Everything that is wrong, as a person reads it."""
    return [str(problem) for problem in problems(files)]


def place_of(path: str, text: str, passage: str) -> str:
    """file:line:column at which a passage of a text begins."""
    before = text[: text.index(passage)]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return f"{path}:{line}:{column}"
