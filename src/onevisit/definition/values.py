"""The frozen base of everything an admin writes, and the small values that several files share."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$", description="小写英文标识")]
Title = Annotated[str, Field(min_length=1, max_length=200)]
Condition = Annotated[str, Field(min_length=1, max_length=500, description="CEL 条件表达式")]


class Value(BaseModel):
    """A definition value: immutable, compared by content, and closed to unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Limit(Value):
    """A time limit: `days` counted in working days (工作日) or natural days (自然日).

    `basis` names the article or the published commitment that the number rests on.
    """

    days: int = Field(ge=0, le=3650)
    unit: Literal["working", "natural"] = "working"
    basis: str | None = None


class Span(Value):
    """From when until when something is in force; `until` is the last day, open when absent."""

    from_: date = Field(alias="from")
    until: date | None = Field(default=None)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.until is not None and self.until < self.from_:
            raise ValueError("until_before_from")
        return self
