"""Makes the forms of all items one: each blank once, and none that somebody else can answer."""

from collections.abc import Iterator
from dataclasses import dataclass

from onevisit.definition.problem import DefinitionError, Problem, Words
from onevisit.definition.serial import SerialField, SerialItem
from onevisit.definition.serial_file import Serial
from onevisit.engine.conversion.changes import Change, Entry, Ids, places
from onevisit.engine.conversion.same_things import Group, Mention, Things
from onevisit.engine.conversion.true_needs import always_with

EVERY_ITEM = "*"
_OWN = frozenset({"id", "also", "from_", "required"})
_RANGES = (("minLength", "maxLength"), ("minimum", "maximum"), ("minItems", "maxItems"))
_LOWEST = ("minLength", "minimum", "minItems", "exclusiveMinimum")
_HIGHEST = ("maxLength", "maximum", "maxItems", "exclusiveMaximum")
_TO_CHECK = ("format", "pattern", "x-unit", "items")
_NO_ANSWER = Words(
    "“{title}”合并后没有能填的内容：{low} 为 {least}，{high} 为 {most}；请先统一",
    "no answer to “{title}” suits every item: {low} is {least}, {high} is {most}",
)
Schema = dict[str, object]


@dataclass(frozen=True)
class Blank:
    """One field of the draft's form; `users` are the items that need it, `names` what it is called
    anywhere."""

    entry: Entry
    users: tuple[str, ...]
    names: frozenset[str]
    required: bool


@dataclass(frozen=True)
class Blanks:
    """All fields of the draft's form, and what was said of those that are gone."""

    fields: tuple[Blank, ...]
    gone: tuple[Change, ...]


def merged_fields(serial: Serial, things: Things, ids: Ids) -> Blanks:
    """The fields of the draft; DefinitionError when items ask for answers that exclude each
    other."""
    merger = _Merger(serial, things, ids)
    fields = [blank for group in things.fields for blank in merger.blank(group)]
    if merger.problems:
        raise DefinitionError(merger.problems)
    return Blanks(tuple(fields), tuple(merger.gone))


class _Merger:
    def __init__(self, serial: Serial, things: Things, ids: Ids) -> None:
        self._serial, self._things, self._ids = serial, things, ids
        self._shared: set[str] = set()
        self.problems: list[Problem] = []
        self.gone: list[Change] = []

    def blank(self, group: Group) -> Iterator[Blank]:
        """The field that a group becomes, if anybody has to fill it in."""
        users = [each for each in self._serial.process.items if self._uses(each, group)]
        if group.origin.kind == "prior":
            maker = self._serial.process.item(group.origin.name)
            users = [each for each in users if not always_with(each, maker)]
            given = f"“{group.title}”由“{maker.title}”的结果提供"
            if not users:
                self.gone.append(self._change("", f"{given}，不再填写", group))
                return
        yield self._field(group, tuple(each.id for each in users))

    def _uses(self, item: SerialItem, group: Group) -> bool:
        printed = (name for each in item.produces for name in each.printed)
        return item.id in group.users or not group.names.isdisjoint(printed)

    def _field(self, group: Group, users: tuple[str, ...]) -> Blank:
        asked = _asked(group)
        said = group.origin.name if group.origin.kind == "shared" else None
        origin = said or self._things.holder(group) or ""
        shared = origin not in {"", *self._shared}
        given = next((each.id for _, each in asked if each.id is not None), None)
        name = self._ids.take(given or (origin.split(".")[1] if shared else "field_1"))
        schema, notes = self._schema(asked)
        every = len(users) == len(self._serial.process.items)
        schema["x-for"] = [EVERY_ITEM] if every else list(users)
        if shared:
            self._shared.add(origin)
            schema["x-shared"] = origin
            notes.insert(0, "由共享数据预填")
        if len(asked) > 1:
            notes.insert(0, f"今天填 {len(asked)} 次，合为一次")
        if group.origin.kind == "prior":
            maker = self._serial.process.item(group.origin.name).title
            notes.insert(0, f"不一定办“{maker}”，不办时没有它的结果可用，所以保留")
        text = f"“{group.title}”" + "，".join(notes)
        change = self._change(name, text, group) if notes else None
        required = any(each.required for _, each in asked)
        return Blank(Entry(name, schema, change), users, group.names, required)

    def _schema(self, asked: list[tuple[Mention, SerialField]]) -> tuple[Schema, list[str]]:
        """What every item accepts, and what a person should look at again."""
        schema: Schema = {}
        differ: dict[str, None] = {}
        for mention, field in asked:
            own = _written(field)
            differ |= {
                key: None for key in _TO_CHECK if key in schema and own.get(key) != schema[key]
            }
            schema = _narrowed(schema, own)
            self._check(schema, mention)
        return schema, [f"各事项的 {key} 写法不同，取最先写明的，请核对" for key in differ]

    def _check(self, schema: Schema, mention: Mention) -> None:
        for low, high in _RANGES:
            least, most = schema.get(low), schema.get(high)
            if isinstance(least, (int, float)) and isinstance(most, (int, float)) and least > most:
                words = _NO_ANSWER.filled(
                    title=mention.title, low=low, least=least, high=high, most=most
                )
                self.problems.append(
                    self._serial.source.problem(mention.at, "rule", expected=words)
                )

    def _change(self, about: str, text: str, group: Group) -> Change:
        at = places(self._serial, (each.at for each in group.mentions))
        return Change("field", about, text, at)


def _asked(group: Group) -> list[tuple[Mention, SerialField]]:
    """The mentions of a group that are blanks of a form."""
    return [(each, each.what) for each in group.mentions if isinstance(each.what, SerialField)]


def _written(field: SerialField) -> Schema:
    """A blank as a form file writes it; whole numbers without a fraction."""
    found = field.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude=set(_OWN))
    return {
        key: int(value) if isinstance(value, float) and value.is_integer() else value
        for key, value in found.items()
        if value is not None
    }


def _narrowed(schema: Schema, own: Schema) -> Schema:
    """The first schema with what the second adds: the narrower range, the options of both."""
    found = {**own, **schema}
    for keys, closer in ((_LOWEST, max), (_HIGHEST, min)):
        for key in keys:
            both = [each[key] for each in (schema, own) if key in each]
            numbers = [each for each in both if isinstance(each, (int, float))]
            if numbers:
                found[key] = closer(numbers)
    options = [*_options(schema), *_options(own)]
    if options:
        found["oneOf"] = list({each["const"]: each for each in reversed(options)}.values())[::-1]
    return found


def _options(schema: Schema) -> list[dict[str, str]]:
    options = schema.get("oneOf", [])
    assert isinstance(options, list)
    return options
