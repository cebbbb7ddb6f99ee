"""The reference of all keys in the authoring guide, made from what the parser knows.

Run it to bring the guide up to date:
PYTHONPATH=tests .venv/bin/python tests/unit/definition/reference.py
"""

from pathlib import Path

from onevisit.definition.keys import KINDS, meaning
from onevisit.definition.schemas import _models, schema
from onevisit.definition.values import Value

GUIDE = Path(__file__).parents[3] / "docs/guide/authoring.md"
HEADING = "## 全部的键\n\n带 * 的必须写。\n"


def reference() -> str:
    """Tables of every key of every kind of file, in the order in which the files nest."""
    parts = []
    for kind, (root, title) in KINDS.items():
        parts.append(f"\n### {title}\n")
        seen: set[type[Value]] = set()
        definitions = schema(kind)["$defs"]
        for model in _models(root):
            if model in seen:
                continue
            seen.add(model)
            found = schema(kind) if model is root else definitions[model.__name__]
            where = "文件" if model is root else "、".join(sorted(_holders(root, model)))
            parts += [f"\n{where}：\n", "\n| 键 | 含义 |\n|---|---|\n"]
            for key in found["properties"]:
                star = " *" if key in found.get("required", ()) else ""
                words = meaning(model, key).replace("|", "\\|")
                parts.append(f"| `{key}`{star} | {words} |\n")
    return "".join(parts)


def _holders(root: type[Value], wanted: type[Value]) -> set[str]:
    """The keys below which a value is written."""
    return {
        f"`{field.alias or name}`"
        for model in _models(root)
        for name, field in model.model_fields.items()
        if wanted in set(_values(field.annotation))
    }


def _values(annotation: object) -> list[type[Value]]:
    inner = [each for part in getattr(annotation, "__args__", ()) for each in _values(part)]
    own = isinstance(annotation, type) and issubclass(annotation, Value)
    return [annotation, *inner] if own and isinstance(annotation, type) else inner


if __name__ == "__main__":
    text = GUIDE.read_text(encoding="utf-8")
    GUIDE.write_text(text[: text.index(HEADING)] + HEADING + reference(), encoding="utf-8")
