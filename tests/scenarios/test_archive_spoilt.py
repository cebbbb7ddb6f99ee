"""Whatever somebody changes in an archive, its verifier says so and says where."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from onevisit.cases.archive import verify
from onevisit.documents import Press, Seals
from scenarios.archived import (
    TEMPLATES,
    archive,
    concluded,
    copied,
    entries,
    listed_anew,
    put,
    put_entries,
    run,
)
from scenarios.stage import Stage

Change = Callable[[Path], None]


@pytest.fixture(scope="module")
def original(prepared_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An archive with sealed papers, that nobody touches."""
    home = tmp_path_factory.mktemp("archive")
    shutil.copyfile(prepared_sqlite, home / "onevisit.db")
    stage = Stage(f"sqlite:///{home / 'onevisit.db'}", home)
    press = Press(TEMPLATES, Seals(home / "seals"))
    folder = archive(stage, concluded(stage, press.make), home, press.make)
    assert verify.examined(folder).faults == []
    yield folder
    stage.engine.dispose()


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    return copied(original, tmp_path)


def said(folder: Path) -> str:
    """What the untouched verifier says of a spoilt archive, which it must not accept."""
    answer = run(Path(verify.__file__), str(folder))
    assert (answer.returncode, answer.stderr) == (1, "")
    assert "结论：有" in answer.stdout
    return answer.stdout


def flipped(path: Path, place: int) -> None:
    """One bit of one byte changed."""
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


def test_one_changed_byte_anywhere_is_caught_and_the_file_named(
    original: Path, tmp_path: Path
) -> None:
    files = sorted(each for each in original.rglob("*") if each.is_file())
    assert len(files) > 60
    spoilt = copied(original, tmp_path)
    for file in files:
        name = file.relative_to(original).as_posix()
        size = file.stat().st_size
        for place in (0, size // 2, size - 1):
            flipped(spoilt / name, place)
            found = verify.examined(spoilt).faults
            assert name in {each.file for each in found}, (name, place, found)
            shutil.copyfile(file, spoilt / name)
    assert verify.examined(spoilt).faults == []


VOUCHED = ("ledger.jsonl", "rows/", "material/", "documents/", "definition/", "form.json")
"""What is caught even when the index is written anew to fit."""


def test_with_the_index_written_anew_what_the_ledger_vouches_for_is_caught_still(
    original: Path, tmp_path: Path
) -> None:
    spoilt = copied(original, tmp_path)
    names = [each.relative_to(original).as_posix() for each in original.rglob("*")]
    tried = [
        name for name in sorted(names)
        if name.startswith(VOUCHED) and (original / name).is_file()
    ]  # fmt: skip
    assert len(tried) > 60
    for name in tried:
        flipped(spoilt / name, (original / name).stat().st_size // 2)
        listed_anew(spoilt)
        found = verify.examined(spoilt).faults
        assert name in {each.file for each in found}, (name, found)
        for each in (name, verify.INDEX):
            shutil.copyfile(original / each, spoilt / each)
    assert verify.examined(spoilt).faults == []


def drop_entry(folder: Path) -> None:
    ledger = entries(folder)
    del ledger[3]
    put_entries(folder, ledger)


def drop_last(folder: Path) -> None:
    ledger = entries(folder)
    del ledger[max(place for place, each in enumerate(ledger) if each["region"] == "case")]
    put_entries(folder, ledger)


def swap_entries(folder: Path) -> None:
    ledger = entries(folder)
    ledger[2], ledger[3] = ledger[3], ledger[2]
    put_entries(folder, ledger)


def swap_chains(folder: Path) -> None:
    ledger = entries(folder)
    put_entries(folder, sorted(ledger, key=lambda each: each["region"] == "case"))


def rewrite(place: Callable[[dict[str, Any]], bool], **changed: Any) -> Change:
    """Change an entry and its own hash, so that it fits again in itself."""

    def change(folder: Path) -> None:
        ledger = entries(folder)
        entry = next(each for each in ledger if place(each))
        entry.update(changed)
        entry["hash"] = verify.seal(entry)
        put_entries(folder, ledger)

    return change


def rehash_chain(folder: Path) -> None:
    """Change an item's entry and hash its chain anew with its head; the case chain binds it."""
    ledger, heads = entries(folder), json.loads((folder / verify.HEADS).read_bytes())
    previous = verify.GENESIS
    for entry in ledger:
        if entry["region"] == "food":
            entry["actor_role"] = "decider"
            entry["prev_hash"] = previous
            previous = entry["hash"] = verify.seal(entry)
    heads["food"]["hash"] = previous
    put_entries(folder, ledger)
    put(folder / verify.HEADS, heads)


def replace_upload(folder: Path) -> None:
    """Another file in the place of one that was handed in, and the index's own line with it."""
    path = next((folder / "material").glob("*补正*"))
    path.write_bytes(b"%PDF-1.7\n% another\n")
    index = json.loads((folder / verify.INDEX).read_bytes())
    entry = next(each for each in index["material"] if "补正" in each["filename"])
    entry["sha256"], entry["size"] = verify.file_hash(path.open("rb"))
    put(folder / verify.INDEX, index)


def swap_uploads(folder: Path) -> None:
    """The file of one material shown as that of another."""
    index = json.loads((folder / verify.INDEX).read_bytes())
    first, second = (
        each for each in index["material"] if "平面图" in each["title"] and each["path"]
    )
    first["path"], second["path"] = second["path"], first["path"]
    put(folder / verify.INDEX, index)


def say(name: str, *keys: int, value: Any) -> Change:
    """Change what a record says."""

    def change(folder: Path) -> None:
        row = json.loads((folder / name).read_bytes())
        inner = row["says"]
        for key in keys[:-1]:
            inner = inner[key]
        inner[keys[-1]] = value
        put(folder / name, row)

    return change


def forge_decision(folder: Path) -> None:
    """Another opinion, in the record and in the digest of the entry that decided."""
    say("rows/food/approval.json", 3, value="不同意。")(folder)
    row = json.loads((folder / "rows/food/approval.json").read_bytes())
    ledger = entries(folder)
    entry = [each for each in ledger if each["region"] == "food"][-1]
    entry["detail"]["evidence"]["approval"] = verify.digest(row["says"])
    entry["hash"] = verify.seal(entry)
    put_entries(folder, ledger)


def remove_row(folder: Path) -> None:
    (folder / "rows/case/handout.json").unlink()


def add_row(folder: Path) -> None:
    put(
        folder / "rows/case/bars-1.json",
        {"region": "case", "name": "bars/1", "says": {"until": "2030-01-01"}},
    )


def twin_row(folder: Path) -> None:
    shutil.copyfile(folder / "rows/case/handout.json", folder / "rows/case/handout2.json")


def hide_in_spaces(folder: Path) -> None:
    """The same value written twice: a reader sees the first, a program the last."""
    path = folder / "rows/case/handout.json"
    path.write_text(path.read_text("utf-8").replace("{\n", '{\n "says": ["post"],\n', 1), "utf-8")


def other_version(folder: Path) -> None:
    """The text of the service changed in the copy for people and in the pinned one."""
    path = next((folder / "definition").glob("*.json"))
    content = json.loads(path.read_bytes())
    name = "workflows/open_restaurant.yaml"
    content[name] = content[name].replace("市场", "广场")
    path.write_text(json.dumps(content, ensure_ascii=False, sort_keys=True), "utf-8")
    (path.with_suffix("") / name).write_text(content[name], "utf-8")


def appended_paper(folder: Path) -> None:
    with next((folder / "documents").glob("*食品经营许可证*.pdf")).open("ab") as file:
        file.write(b"\n% one more page\n")


def other_paper(folder: Path) -> None:
    """One sealed paper shown as another."""
    first, second = sorted((folder / "documents").glob("*准予行政许可决定书*.pdf"))
    shutil.copyfile(second, first)


def form_for_reading(folder: Path) -> None:
    form = json.loads((folder / "form.json").read_bytes())
    form["form"]["seats"] = 240
    put(folder / "form.json", form)


FOOD_2 = "（food 第 2 条）"
CHANGES: dict[str, tuple[Change, str]] = {
    "an entry dropped": (drop_entry, "ledger.jsonl（case 第 4 条）：缺第 4 条"),
    "the last entry dropped": (drop_last, "ledger.jsonl（case）：末条与登记不符"),
    "two entries swapped": (swap_entries, "ledger.jsonl（case 第 3 条）：缺第 3 条，这里是第 4 条"),
    "chains swapped": (swap_chains, "ledger.jsonl：留痕的次序被改动"),
    "an entry hashed anew": (
        rewrite(lambda each: (each["region"], each["seq"]) == ("food", 1), actor_role="clerk"),
        f"ledger.jsonl{FOOD_2}：留痕被改动，或者与前一条不相连",
    ),
    "a last entry hashed anew": (
        rewrite(lambda each: each["act"] == "hand_out", actor_role="clerk"),
        "ledger.jsonl（case）：末条与登记不符",
    ),
    "an item's chain hashed anew": (rehash_chain, "条绑定的留痕被替换"),
    "an upload replaced": (replace_upload, "不是当时提交的那个文件"),
    "uploads swapped": (swap_uploads, "不是当时提交的那个文件"),
    "who collected": (
        say("rows/case/handout.json", 0, value="post"),
        "rows/case/handout.json（case）：“handout”的内容与留痕不符",
    ),
    "a finding": (
        say("rows/case/checks-1.json", 0, 1, value="missing"),
        "rows/case/checks-1.json（case）：“checks/1”的内容与留痕不符",
    ),
    "an opinion with its digest": (forge_decision, "ledger.jsonl（food）：末条与登记不符"),
    "a record gone": (remove_row, "留痕提到的“handout”不在卷内"),
    "a record added": (add_row, "“bars/1”没有留痕"),
    "a record twice": (twin_row, "rows/case/handout2.json：记录不是文件名所说的那一份"),
    "a value written twice": (hide_in_spaces, "rows/case/handout.json：写法与出具时不同"),
    "the service": (other_version, "流程版本的哈希不是"),
    "a paper added to": (appended_paper, "签名之后又追加了内容"),
    "a paper in another's place": (other_paper, "纸面文件内嵌的数据不是这份文书的数据"),
    "the form for reading": (form_for_reading, "form.json：与留痕担保的申请表"),
}


@pytest.mark.parametrize("anew", [False, True], ids=["index left", "index anew"])
@pytest.mark.parametrize("name", CHANGES)
def test_what_was_changed_is_named(folder: Path, name: str, *, anew: bool) -> None:
    change, words = CHANGES[name]
    change(folder)
    if anew:
        listed_anew(folder)
    assert words in said(folder)


def test_the_index_itself_is_sealed(folder: Path) -> None:
    index = json.loads((folder / verify.INDEX).read_bytes())
    index["case"]["applicant"] = "演示申请人乙"
    put(folder / verify.INDEX, index)
    assert "index.json：目录自身被改动" in said(folder)


def test_the_page_for_reading_is_caught_by_the_fingerprint(original: Path, folder: Path) -> None:
    """Nothing vouches for the page but the index, and for that the fingerprint alone."""
    fingerprint = verify.examined(original).fingerprint
    page = folder / "index.html"
    page.write_text(page.read_text("utf-8").replace("准予", "不予"), "utf-8")
    assert "index.html：内容与目录登记的不符" in said(folder)
    listed_anew(folder)
    assert verify.examined(folder).faults == []
    answer = run(Path(verify.__file__), str(folder), "--fingerprint", fingerprint)
    assert answer.returncode == 1
    assert "目录指纹不是" in answer.stdout


def test_a_file_more_or_less_is_named(folder: Path) -> None:
    (folder / "documents" / "00-伪造.pdf").write_bytes(b"%PDF-1.7\n")
    (folder / ".DS_Store").write_bytes(b"a folder that somebody opened")
    (folder / "form.json").unlink()
    words = said(folder)
    assert "documents/00-伪造.pdf：卷内有，目录里没有" in words
    assert "form.json：目录里有，卷内没有" in words
    assert "DS_Store" not in words


@pytest.mark.parametrize("name", ["index.json", "ledger.jsonl", "rows/heads.json"])
@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[" * 100_000, b'{"a": 1}\n', b"null\n"])
def test_what_cannot_be_read_is_said_and_not_stumbled_over(
    folder: Path, name: str, content: bytes
) -> None:
    (folder / name).write_bytes(content)
    assert name in said(folder)


def test_no_way_out_of_the_archive(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").write_bytes(b"x")
    index = json.loads((folder / verify.INDEX).read_bytes())
    index["files"]["../outside"] = {"sha256": "0" * 64, "size": 1, "what": "?"}
    put(folder / verify.INDEX, index)
    assert "../outside：目录里有，卷内没有" in said(folder)
    (folder / "link").symlink_to(tmp_path / "outside")
    assert "文件夹里有链接" in said(folder)


def test_what_is_no_archive_is_said_so(tmp_path: Path) -> None:
    text = tmp_path / "note.zip"
    text.write_text("not a ZIP file")
    assert "既不是文件夹，也不是压缩包" in said(text)
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "缺少文件 index.json" in said(empty)
