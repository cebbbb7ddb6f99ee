"""What differs from place to place: departments, jurisdictions, calendars and shared sources."""

from datetime import date
from typing import Literal

from pydantic import Field

from onevisit.definition.values import Name, Title, Value


class Department(Value):
    """One department: `uscc` is its 统一社会信用代码, `short` what a narrow table shows."""

    id: Name
    title: Title
    short: Title
    uscc: str = Field(pattern=r"^[0-9A-HJ-NP-RTUWXY]{18}$")
    phone: str | None = None


class KnownAs(Value):
    """What people call a field of a shared source: material or form fields with such a title are
    held there and must not be asked of the applicant again (浙江规定第七条)."""

    field: Name
    titles: tuple[Title, ...] = Field(min_length=1)


class SharedSource(Value):
    """A register that other departments may read; `fields` are the names it answers with."""

    id: Name
    title: Title
    department: Name
    fields: tuple[Name, ...] = Field(min_length=1)
    known_as: tuple[KnownAs, ...] = Field(default=())


class Directory(Value):
    """All departments and shared sources of one place (workflows/departments.yaml)."""

    departments: tuple[Department, ...] = Field(min_length=1)
    sources: tuple[SharedSource, ...] = Field(default=())

    def department(self, department_id: str) -> Department:
        """The department named so; KeyError when there is none."""
        for department in self.departments:
            if department.id == department_id:
                return department
        raise KeyError(department_id)


class CappedDays(Value):
    """A number of working days and the article it rests on."""

    days: int = Field(ge=1, le=365)
    basis: str


class Signatures(Value):
    """How many people may have to sign before an item is decided."""

    most: int = Field(ge=1, le=9)
    basis: str


class PromisePause(Value):
    """A reason for which the promised limit may stand still while the law's runs on (中止)."""

    id: Name
    title: Title
    days: int = Field(ge=1, le=365)
    basis: str


class Hours(Value):
    """When the authority closes (民法典第二百零三条): what comes in later counts as received on
    the next working day, and its own periods end at `close` of their last day. From `open` on,
    people may be asked to appear, and officers come to inspect."""

    open: str | None = Field(default=None, pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")
    close: str = Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")
    basis: str


class HearingRules(Value):
    """The days of a hearing (许可法第四十七、四十八条): to ask for it and to hold it in working
    days, from notice to the day itself in natural days."""

    ask: int = Field(ge=1, le=60)
    hold: int = Field(ge=1, le=60)
    notice: int = Field(ge=1, le=60)
    basis: str


class Bars(Value):
    """For how many years nobody may apply again: after false material (许可法第七十八条), and
    after a certificate got by fraud (第七十九条). `pledge`: for how many years no pledge is taken
    from whom a pledged licence was revoked; without it, until their credit is repaired
    (浙江规定第十四条第二款)."""

    false_material: int = Field(ge=1, le=10)
    fraud: int = Field(ge=1, le=10)
    pledge: int | None = Field(default=None, ge=1, le=10)
    basis: str


class Supervision(Value):
    """Efficiency supervision (效能监察): `yellow` is the share of the promise that may be used
    before the light turns yellow, `authority` the department that issues supervision orders."""

    yellow: float = Field(ge=0.1, le=0.99)
    authority: Name | None = None
    basis: str


class Reason(Value):
    """One thing that somebody who rates a service may tick."""

    id: Name
    title: Title


class RatingRules(Value):
    """Rating a service afterwards (好差评): `contact` is within how many working days somebody who
    was not satisfied is spoken to; what may be ticked with a good grade, and with a bad one."""

    contact: int = Field(ge=1, le=60)
    praise: tuple[Reason, ...] = Field(min_length=1)
    complaints: tuple[Reason, ...] = Field(min_length=1)
    basis: str


class DraftRules(Value):
    """For how many days (natural) after it was last saved a draft is kept; then what was typed is
    deleted (个人信息保护法第十九条: kept no longer than its purpose needs)."""

    days: int = Field(ge=1, le=3650)
    basis: str


class Keeping(Value):
    """For how many years (natural) after its end one kind of record is kept; then it is deleted,
    or what is personal in it (个人信息保护法第十九条、第四十七条). `what`: a case that led to a
    result, an attempt that led to none, a message, a call number, who read whose data."""

    what: Literal["case", "attempt", "message", "ticket", "read"]
    years: int = Field(ge=1, le=100)
    basis: str


class Jurisdiction(Value):
    """The rules of one place that the engine obeys as data (never as code).

    `pledge_check`: within how many working days a pledge has to be checked afterwards
    (浙江规定第十四条). `signatures`: the place's limit on signatures, if it has one.
    `single_extension` is approved by the department's head, `joint_extension` by the government's
    (许可法第四十二条). `renewal`: working days before expiry by which a renewal is asked for
    (第五十条). `mending`: working days to mend what a pledge's check found.
    """

    id: Name
    title: Title
    region: str = Field(pattern=r"^[0-9]{6}$")
    calendar: Name
    centre: Title
    phone: str
    single_limit: CappedDays
    joint_limit: CappedDays
    correction_notice: CappedDays
    correction_reply: CappedDays
    delivery: CappedDays
    remedies: tuple[str, ...] = Field(min_length=1)
    special_stops_promise: bool = False
    pledge_check: CappedDays | None = None
    signatures: Signatures | None = None
    single_extension: CappedDays | None = None
    joint_extension: CappedDays | None = None
    promise_pauses: tuple[PromisePause, ...] = Field(default=())
    hours: Hours | None = None
    hearing: HearingRules | None = None
    renewal: CappedDays | None = None
    mending: CappedDays | None = None
    bars: Bars | None = None
    supervision: Supervision | None = None
    rating: RatingRules | None = None
    drafts: DraftRules | None = None
    keeping: tuple[Keeping, ...] = Field(default=())


class Calendar(Value):
    """Which days are worked: Monday to Friday, less `holidays`, plus `workdays` (调休).

    Known from `first` through `last`; a day beyond is counted as if no holiday were announced and
    every date that rests on it is provisional until an admin adds the next year.
    """

    id: Name
    title: Title
    first: date
    last: date
    holidays: tuple[date, ...] = Field(default=())
    workdays: tuple[date, ...] = Field(default=())
    source: str
