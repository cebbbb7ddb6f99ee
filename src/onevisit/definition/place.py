"""What differs from place to place: departments, jurisdictions, calendars and shared sources."""

from datetime import date

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


class Jurisdiction(Value):
    """The rules of one place that the engine obeys as data (never as code).

    `pledge_check`: within how many working days a pledge has to be checked afterwards
    (浙江规定第十四条). `signatures`: the place's limit on signatures, if it has one.
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
