"""Today's process, in which departments work one after another: what a conversion starts from."""

import re
import unicodedata
from typing import Literal, Self

from pydantic import Field, model_validator

from onevisit.definition.dialect import Cell, Row, Sensitivity
from onevisit.definition.values import Limit, Name, Title, Value
from onevisit.definition.workflow import Fee, Inspection, Validity, Wait

FORM = "form"
"""The hint that a paper is made from what the applicant fills in, not brought along."""
_COPIES = re.compile("原件|复印件|副本|电子版|扫描件")


def name_of(title: str) -> str:
    """What two titles of the same thing share: no words for copies, no brackets, no spaces."""
    text = unicodedata.normalize("NFKC", _COPIES.sub("", title)).casefold()
    return "".join(each for each in text if each.isalnum()) or "".join(text.split())


def names_of(titles: tuple[str, ...]) -> frozenset[str]:
    """The names of all these titles."""
    return frozenset(name_of(each) for each in titles)


class Consumed(Value):
    """Something an item works with beside its own materials and fields: `what` by title (a bare
    text is short for that).

    as: `information` when the officer only looks something up in it, `paper` when the thing itself
    is handed in. from: the item that makes it, or the shared source (source.field) that holds it,
    where the title alone does not tell.
    """

    what: Title
    as_: Literal["information", "paper"] = Field(default="information", alias="as")
    from_: str | None = Field(default=None, alias="from")


class Produced(Value):
    """A result of an item (a bare text is its title). `also`: other titles of it; `gives`: what
    others read from it (a number, a date); `prints`: the form fields that stand on it, by title."""

    title: Title
    also: tuple[Title, ...] = Field(default=())
    gives: tuple[Title, ...] = Field(default=())
    prints: tuple[Title, ...] = Field(default=())
    media: Literal["electronic", "paper"] = "electronic"
    valid: Validity | None = None

    @property
    def names(self) -> frozenset[str]:
        """The names of the result and of what can be read from it."""
        return names_of((self.title, *self.also, *self.gives))

    @property
    def printed(self) -> frozenset[str]:
        """The names of the form fields that stand on it."""
        return names_of(self.prints)


class SerialMaterial(Value):
    """One paper that an item asks for today. `also`: other titles of it; from: the item that makes
    it, the shared source (source.field) that holds it, or `form`; original: it has to be seen."""

    id: Name | None = None
    title: Title
    also: tuple[Title, ...] = Field(default=())
    from_: str | None = Field(default=None, alias="from")
    issuer: str | None = None
    standard: str | None = None
    copies: int = Field(default=1, ge=1, le=20)
    original: bool = False
    basis: str | None = None

    @property
    def names(self) -> frozenset[str]:
        """The names under which it may be asked elsewhere."""
        return names_of((self.title, *self.also))


class SerialField(Cell):
    """One blank of an item's own form, with the keywords of JSON Schema that forms may use."""

    id: Name | None = None
    also: tuple[Title, ...] = Field(default=())
    from_: str | None = Field(default=None, alias="from")
    required: bool = True
    items: Row | None = None
    min_items: int | None = Field(default=None, ge=0, alias="minItems")
    max_items: int | None = Field(default=None, ge=1, le=1000, alias="maxItems")
    unique_items: bool | None = Field(default=None, alias="uniqueItems")
    sensitivity: Sensitivity | None = Field(default=None, alias="x-sensitivity")

    @model_validator(mode="after")
    def _rows(self) -> Self:
        if (self.type == "array") != (self.items is not None):
            raise ValueError("array_needs_items")
        return self

    @property
    def names(self) -> frozenset[str]:
        """The names under which it may be asked elsewhere."""
        return names_of((self.title, *self.also))


class SerialItem(Value):
    """One 事项 as it is handled today, after all items before it.

    `days` are the working days it takes today; `visits` how often the applicant comes for it and
    `steps` what they do (their 环节). `optional`: only who wants it applies; `only_if`: a yes/no
    question that tells whether it applies.
    """

    id: Name
    title: Title
    department: Name
    category: str = Field(pattern=r"^(0[1-9]|10|2[0-9])$")
    limit: Limit
    days: int = Field(ge=0, le=3650)
    visits: int = Field(default=2, ge=0, le=20)
    steps: tuple[Title, ...] = Field(default=("递交申请", "领取结果"))
    optional: bool = False
    only_if: Title | None = None
    consumes: tuple[Consumed, ...] = Field(default=())
    produces: tuple[Produced, ...] = Field(default=())
    materials: tuple[SerialMaterial, ...] = Field(default=())
    fields: tuple[SerialField, ...] = Field(default=())
    inspection: Inspection | None = None
    wait: Wait | None = None
    fee: Fee | None = None
    basis: tuple[str, ...] = Field(min_length=1)


class SerialProcess(Value):
    """A 一件事 as it is today: items in the order in which people have to go through them."""

    id: Name
    title: Title
    authority: Name
    audience: tuple[Literal["person", "enterprise"], ...] = Field(
        default=("person", "enterprise"), min_length=1
    )
    jurisdiction: Name
    lifecycle: Name = "standard"
    keywords: tuple[str, ...] = Field(default=())
    basis: tuple[str, ...] = Field(min_length=1)
    items: tuple[SerialItem, ...] = Field(min_length=1)

    def item(self, item_id: str) -> SerialItem:
        """The item named `item_id`, which is there."""
        return next(each for each in self.items if each.id == item_id)
