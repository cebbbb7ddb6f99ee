"""Files of each kind in which every key of the language is written once, for the schema's test."""

TEXTS = {
    "workflow": """\
id: everything
title: 全部写法
version: "1.0"
summary: 每个键都写一次
effective: {from: 2026-01-01, until: 2026-12-31}
authority: centre
audience: [person, enterprise]
jurisdiction: demo_city
lifecycle: standard
keywords: [样例]
life_events: [birth, start]
basis: [测试]
promise: {visits: 1, days: 6, basis: 测试}
baseline: {visits: 2, materials: 4, days: 20, steps: 4, source: 测试}
situations:
  - {id: area, ask: 多大？, type: integer, min: 1, max: 99, unit: 平方米, help: 说明, when: "true"}
  - {id: kind, ask: 哪种？, type: choice, options: [{id: a, title: 甲}, {id: b, title: 乙}]}
form: everything
window: {opens: 2026-05-01, closes: 2026-05-31, basis: 测试}
submission: {channels: [online], correction: [window], acceptance: 1, on_the_spot: true}
materials:
  - id: paper
    title: 材料
    source: prior
    origin: one
    holder: applicant
    need: deferrable
    defer: {days: 5, on_timeout: revoke, basis: 测试}
    media: paper
    original: [submission]
    carried: true
    items: [one]
    when: "true"
    issuer: 某处
    standard: 标准
    alternatives: [替代材料]
    sample: floor_plan
    copies: 2
    basis: 测试
items:
  - id: one
    title: 事项
    department: centre
    category: "01"
    code: 11990000MB0000001M2000123456001
    limit: {days: 20, unit: working, basis: 测试}
    promise: {days: 3, unit: working, basis: 测试}
    decision_days: 1
    needs: [one]
    needs_for: decision
    when: "true"
    optional: true
    foreach: rows
    routes:
      - kind: pledge
        when: "true"
        steps: [handle]
        promise: {days: 1, unit: natural, basis: 测试}
        on_the_spot: true
        check: {days: 60, unit: working, basis: 测试}
    special: [{kind: hearing, days: 20, title: 听证, basis: 测试, when: "true"}]
    inspection: {joint: site, officers: 2, basis: 测试}
    appointments:
      - id: talk
        title: 面谈
        joint: talks
        held: review
        by: applicant
        may_be_waived: true
        when: "true"
        basis: 测试
    wait: {title: 公示, days: 7, basis: 测试}
    batch: true
    fee: {yuan: "5.00", basis: 测试}
    on_reject: case
    result:
      title: 证
      template: certificates/standard
      type_code: "001"
      media: paper
      pickup: [window]
      valid: {years: 5, note: 说明}
      fields: [name]
    basis: [测试]
issue: {pickup: [download], days: 1}
""",
    "form": """\
$schema: https://json-schema.org/draft/2020-12/schema
$id: everything
title: 表
description: 说明
type: object
x-layout: [{id: one, title: 一, help: 说明, fields: [name]}]
properties:
  name:
    title: 姓名
    type: string
    description: 说明
    examples: [甲]
    format: date
    pattern: "^x"
    minLength: 1
    maxLength: 9
    oneOf: [{const: a, title: 甲, description: 说明}]
    x-lines: 3
    x-for: ["*"]
    x-from: area
    x-shared: population.name
    x-holder: applicant
    x-sensitivity: personal
  size: {title: 面积, type: number, minimum: 1, maximum: 9, exclusiveMinimum: 0.5,
         exclusiveMaximum: 10, x-unit: 平方米, x-for: [one]}
  agreed: {title: 同意, type: boolean, const: true, x-for: [one]}
  kinds: {title: 多选, type: array, x-for: [one],
          items: {type: string, oneOf: [{const: a, title: 甲}]}}
  rows:
    title: 表格
    type: array
    minItems: 1
    maxItems: 9
    uniqueItems: true
    x-for: [one]
    items:
      type: object
      properties:
        name: {title: 姓名, type: string, description: 说明, examples: [甲], format: email,
               pattern: "^x", minLength: 1, maxLength: 9, x-lines: 2,
               oneOf: [{const: a, title: 甲}]}
        age: {title: 年龄, type: integer, minimum: 1, maximum: 9, exclusiveMinimum: 0,
              exclusiveMaximum: 10, x-unit: 岁}
        agreed: {title: 同意, type: boolean, const: true}
      required: [name]
      additionalProperties: false
required: [name]
additionalProperties: false
""",
    "directory": """\
departments:
  - {id: centre, title: 中心, short: 中, uscc: 11990000MB0000001M, phone: 0990-0000000}
sources:
  - id: population
    title: 人口库
    department: centre
    fields: [name]
    known_as: [{field: name, titles: [姓名]}]
""",
    "jurisdiction": """\
id: demo_city
title: 示例市
region: "990000"
calendar: cn
centre: 中心
phone: 0990-0000000
single_limit: {days: 20, basis: 测试}
joint_limit: {days: 45, basis: 测试}
correction_notice: {days: 5, basis: 测试}
correction_reply: {days: 10, basis: 测试}
delivery: {days: 10, basis: 测试}
remedies: [复议]
pledge_check: {days: 60, basis: 测试}
signatures: {most: 2, basis: 测试}
special_stops_promise: true
single_extension: {days: 10, basis: 测试}
joint_extension: {days: 15, basis: 测试}
promise_pauses: [{id: away, title: 外出, days: 5, basis: 测试}]
hours: {open: "09:00", close: "17:30", basis: 测试}
hearing: {ask: 5, hold: 20, notice: 7, basis: 测试}
renewal: {days: 30, basis: 测试}
mending: {days: 10, basis: 测试}
bars: {false_material: 1, fraud: 3, pledge: 3, basis: 测试}
supervision: {yellow: 0.9, authority: police, basis: 测试}
rating:
  contact: 1
  praise: [{id: quick, title: 办得快}]
  complaints: [{id: slow, title: 办得慢}]
  basis: 测试
drafts: {days: 30, basis: 测试}
keeping: [{what: case, years: 30, basis: 测试}]
""",
    "calendar": """\
id: cn
title: 日历
first: 2026-01-01
last: 2026-12-31
holidays: [2026-01-01]
workdays: [2026-01-04]
source: 测试
""",
    "lifecycle": """\
id: standard
title: 生命周期
case:
  initial: draft
  states:
    draft: {title: 填报, tone: waiting, final: true, regions: true, granted: true}
  transitions:
    - event: finish
      title: 办结
      from: [draft]
      to: draft
      by: clerk
      when: [nothing_decided]
      reasons: true
      documents: [receipt]
      after: deferral
  acts:
    - event: mend
      title: 更正
      from: [draft]
      by: clerk
      when: [nothing_decided]
      reasons: true
      documents: [mending]
      clock: runs
approval:
  initial: waiting
  notice: waiting
  steps:
    handle: {title: 承办, role: handler, done: 已承办}
  states:
    waiting: {title: 等待, tone: waiting, final: true, regions: true, granted: true}
  transitions:
    - event: start
      title: 启动
      from: [waiting]
      to: $first
      by: automatic
      when: [case_in_review]
      reasons: true
      documents: [approval]
      after: notice
  acts:
    - event: suspend
      title: 中止
      from: [waiting]
      by: step
      when: [case_in_review]
      reasons: true
      documents: [suspension]
      clock: pauses_promise
certificate:
  initial: valid
  states:
    valid: {title: 有效, tone: done, final: true, regions: true, granted: true}
  transitions:
    - event: expire
      title: 届满
      from: [valid]
      to: valid
      by: timer
      when: [nothing_decided]
      reasons: true
      documents: [renewal]
      after: validity
  acts:
    - event: look
      title: 核查
      from: [valid]
      by: handler
      when: [nothing_decided]
      reasons: true
      documents: [pledge_check]
      clock: runs
""",
}
