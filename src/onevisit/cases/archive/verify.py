"""Says whether an archive of a case is what was written, with Python's standard library alone.

核验一份办件档案，不需要安装任何软件，只要 Python 3.9 以上：

    python3 verify.py                     核验本文件所在的文件夹
    python3 verify.py 文件夹或者压缩包.zip   核验别处的一份
    python3 verify.py --fingerprint 指纹   同时与出具单位告知的目录指纹比对

全部相符时退出码为 0，有不符的逐条说明文件、事项和第几条，退出码为 1。It is copied into every
archive, so it imports nothing of the application and keeps to what Python 3.9 knows.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from heapq import merge
from pathlib import Path
from typing import IO, Any, NamedTuple

FORMAT = "onevisit-archive/1"
INDEX, LEDGER, HEADS = "index.json", "ledger.jsonl", "rows/heads.json"
CASE, GENESIS, CHUNK = "case", "0" * 64, 1 << 20
SEALED = (
    "case_id", "region", "seq", "at", "actor_id", "actor_role", "act", "from_state", "to_state",
    "version_hash", "detail", "prev_hash",
)  # fmt: skip
"""What the hash of a ledger entry is made of, in this order."""
SIGNED_WITH = ("sha256", "sha384", "sha512")
STRAY = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
"""What operating systems leave in folders that somebody looks into."""
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError)
Json = Any


class Fault(NamedTuple):
    """One thing that is wrong: in which file, and of the ledger in which chain and entry."""

    file: str
    text: str
    region: str | None = None
    seq: int | None = None

    def __str__(self) -> str:
        entry = f" 第 {self.seq} 条" if self.seq is not None else ""
        place = f"（{self.region}{entry}）" if self.region else ""
        return shown(f"{self.file}{place}：{self.text}")


class Archive(NamedTuple):
    """The files of an archive by their names below it, and a way to open one."""

    names: Sequence[str]
    open: Callable[[str], IO[bytes]]

    def read(self, name: str) -> bytes:
        """The whole content of a file; ValueError when it is not there."""
        if name not in self.names:
            raise ValueError(f"缺少文件 {name}")
        with self.open(name) as file:
            return file.read()


def shown(text: object) -> str:
    """Text that cannot play tricks on a terminal."""
    return "".join(
        each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in str(text)
    )


def digest(value: Json) -> str:
    """SHA-256 of a JSON value in canonical form: sorted keys, no spaces, UTF-8."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def seal(entry: Mapping[str, Json]) -> str:
    """The hash of a ledger entry, over all it says and the hash of the entry before it."""
    return digest([entry[name] for name in SEALED])


def written(value: Json) -> bytes:
    """How JSON is written in an archive, so that nothing can hide in the way it is written."""
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def line(entry: Mapping[str, Json]) -> bytes:
    """How an entry is written in the ledger's file."""
    return (json.dumps(entry, ensure_ascii=False, sort_keys=True) + "\n").encode()


def file_hash(opened: IO[bytes]) -> tuple[str, int]:
    """SHA-256 and size of a file, which is closed."""
    sha256, size = hashlib.sha256(), 0
    with opened as file:
        for chunk in iter(lambda: file.read(CHUNK), b""):
            sha256.update(chunk)
            size += len(chunk)
    return sha256.hexdigest(), size


def row_path(region: str, name: str) -> str:
    """Where a record that the ledger vouches for lies in an archive."""
    return f"rows/{region.replace('/', '-')}/{name.replace('/', '-')}.json"


def opened(path: Path) -> Archive:
    """An archive in a folder or a ZIP file; ValueError when it is neither."""
    if path.is_dir():
        found = sorted(path.rglob("*"))
        if any(each.is_symlink() for each in found):
            raise ValueError("文件夹里有链接，档案里只有文件")
        files = [each for each in found if each.is_file() and each.name not in STRAY]
        names = [each.relative_to(path).as_posix() for each in files]
        return Archive(names, lambda name: (path / name).open("rb"))
    if not zipfile.is_zipfile(path):
        raise ValueError("既不是文件夹，也不是压缩包")
    packed = zipfile.ZipFile(path)
    members = [each.filename for each in packed.infolist() if not each.is_dir()]
    top = members[0].partition("/")[0] + "/" if members else ""
    if len(set(members)) != len(members) or not all(each.startswith(top) for each in members):
        raise ValueError("压缩包里有重名的文件，或者不止一个文件夹")
    return Archive([each[len(top) :] for each in members], lambda name: packed.open(top + name))


class Contents:
    """An archive as it was read: every file's hash, and the records that are looked into."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.faults: list[Fault] = []
        self.hashes = {name: file_hash(archive.open(name)) for name in archive.names}
        self.index: dict[str, Json] = self.json(INDEX) or {}
        self.heads: dict[str, Json] = self.json(HEADS) or {}
        self.said: dict[tuple[str, str], Json] = {}
        for name in archive.names:
            if name.startswith("rows/") and name != HEADS:
                self._row(name)
        self.chains: dict[str, list[dict[str, Json]]] = {}
        ledger = archive.read(LEDGER) if LEDGER in archive.names else b""
        for number, content in enumerate(ledger.splitlines(keepends=True), 1):
            self._entry(number, content)

    def json(self, name: str) -> Json:
        """A JSON file, None when it cannot be read; a fault when an archive writes it otherwise."""
        try:
            content = self.archive.read(name)
            value = json.loads(content.decode())
            if content != written(value):
                self.faults.append(Fault(name, "写法与出具时不同，内容可能被改动"))
        except UNREADABLE as error:
            self.faults.append(Fault(name, f"读不懂：{error}"))
            return None
        return value

    def titles(self) -> dict[str, str]:
        """What each chain of the ledger is about, as far as the index can be read."""
        named = self.index.get("chains") if isinstance(self.index, dict) else None
        if not isinstance(named, dict):
            return {}
        return {str(region): str(title) for region, title in named.items()}

    def _row(self, name: str) -> None:
        row = self.json(name)
        try:
            if row_path(row["region"], row["name"]) != name:
                self.faults.append(Fault(name, "记录不是文件名所说的那一份"))
            self.said[row["region"], row["name"]] = row["says"]
        except UNREADABLE:
            self.faults.append(Fault(name, "不是一份记录"))

    def _entry(self, number: int, content: bytes) -> None:
        try:
            entry = json.loads(content.decode())
            chain = self.chains.setdefault(entry["region"], [])
            if content != line(entry) or set(entry) != {*SEALED, "hash"}:
                raise ValueError("写法与出具时不同")
            chain.append(entry)
        except UNREADABLE as error:
            self.faults.append(Fault(LEDGER, f"第 {number} 行读不懂：{error}"))


def check_files(found: Contents) -> Iterator[Fault]:
    """卷内文件与目录逐个相符，没有多的，也没有少的。"""
    index = dict(found.index)
    if index.pop("seal", None) != digest(index):
        yield Fault(INDEX, "目录自身被改动")
    if index["format"] != FORMAT:
        yield Fault(INDEX, f"档案格式应为 {FORMAT}，却是 {index['format']}")
    listed = index["files"]
    for name in sorted(listed.keys() - found.hashes.keys()):
        yield Fault(name, "目录里有，卷内没有")
    for name in sorted(found.hashes.keys() - listed.keys() - {INDEX}):
        yield Fault(name, "卷内有，目录里没有")
    for name in sorted(listed.keys() & found.hashes.keys()):
        if found.hashes[name] != (listed[name]["sha256"], listed[name]["size"]):
            yield Fault(name, "内容与目录登记的不符，被改动或者替换")


def check_definition(found: Contents) -> Iterator[Fault]:
    """办理所依据的流程版本与留痕记载的哈希相符。"""
    for folder in found.index["definitions"]:
        name, pinned = folder["content"], folder["hash"]
        if found.hashes.get(name, ("", 0))[0] != pinned:
            yield Fault(name, f"流程版本的哈希不是 {pinned}")
        for path, text in json.loads(found.archive.read(name).decode()).items():
            copy = f"{name[: -len('.json')]}/{path}"
            if found.archive.read(copy) != text.encode():
                yield Fault(copy, "与流程版本中的原文不同")
    known = {folder["hash"] for folder in found.index["definitions"]}
    for region, chain in found.chains.items():
        for entry in chain:
            if entry["version_hash"] not in known:
                yield Fault(LEDGER, "所依据的流程版本不在卷内", region, entry["seq"])


def check_ledger(found: Contents) -> Iterator[Fault]:
    """每条留痕未被改动，前后相连，末条与登记相符。"""
    order = [(region != CASE, region) for region in found.chains]
    if order != sorted(order):
        yield Fault(LEDGER, "留痕的次序被改动")
    bound = {region for each in found.chains.get(CASE, []) for region in _heads(each)}
    for region in sorted(found.chains.keys() | found.heads.keys() | bound):
        yield from _check_chain(region, found.chains.get(region, []), found.heads.get(region))


def _check_chain(
    region: str, chain: Sequence[Mapping[str, Json]], head: Mapping[str, Json] | None
) -> Iterator[Fault]:
    if head is None:
        yield Fault(HEADS, "留痕所属的事项记录已不存在", region)
        return
    previous, state = GENESIS, chain[0]["from_state"] if chain else None
    for expected, entry in enumerate(chain, start=1):
        if entry["seq"] != expected:
            text = f"缺第 {expected} 条，这里是第 {entry['seq']} 条：被删去或者调换"
            yield Fault(LEDGER, text, region, expected)
            return
        if entry["prev_hash"] != previous or seal(entry) != entry["hash"]:
            yield Fault(LEDGER, "留痕被改动，或者与前一条不相连", region, expected)
        if entry["from_state"] != state:
            yield Fault(LEDGER, "与前一条的状态不连续", region, expected)
        previous, state = entry["hash"], entry["to_state"]
    if (head["seq"], head["hash"]) != (len(chain), previous):
        yield Fault(LEDGER, f"末条与登记不符：登记为第 {head['seq']} 条，被删去或者改动", region)
    if head["state"] != state and (chain or head["seq"]):
        yield Fault(HEADS, f"登记的状态为 {head['state']}，留痕末条为 {state}", region)


def _heads(entry: Mapping[str, Json]) -> Mapping[str, Sequence[Json]]:
    bound: Mapping[str, Sequence[Json]] = entry["detail"].get("heads", {})
    return bound


def check_bindings(found: Contents) -> Iterator[Fault]:
    """整件的留痕所绑定的各事项留痕，仍是当时的那些。"""
    for entry in found.chains.get(CASE, []):
        for region, (seq, head) in _heads(entry).items():
            chain = found.chains.get(region, [])
            if seq and (len(chain) < seq or chain[seq - 1]["hash"] != head):
                yield Fault(LEDGER, f"整件第 {entry['seq']} 条绑定的留痕被替换", region, seq)


def check_evidence(found: Contents) -> Iterator[Fault]:
    """表、材料、核对、审批、文书、领取等记录，与留痕里的摘要相符。"""
    recorded: dict[tuple[str, str], str] = {}
    for entry in merge(*found.chains.values(), key=lambda each: str(each["at"])):
        for name, value in entry["detail"].get("evidence", {}).items():
            recorded[CASE if "/" in name else entry["region"], name] = value
    for key in sorted(recorded.keys() | found.said.keys()):
        region, name = key
        file = row_path(region, name)
        if key not in found.said:
            yield Fault(file, f"留痕提到的“{name}”不在卷内", region)
        elif key not in recorded:
            if "/" in name and not name.startswith("checks/"):
                yield Fault(file, f"“{name}”没有留痕", region)
        elif recorded[key] != digest(found.said[key]):
            yield Fault(file, f"“{name}”的内容与留痕不符", region)


def check_form(found: Contents) -> Iterator[Fault]:
    """供人阅读的申请表与留痕担保的一致。"""
    form = found.json("form.json")
    _, answers, fields, *_ = found.said[CASE, "form"]
    if form and (form["answers"], form["form"]) != (answers, fields):
        yield Fault("form.json", "与留痕担保的申请表（rows/case/form.json）不同")


def check_material(found: Contents) -> Iterator[Fault]:
    """材料的每个文件就是当时提交的那个。"""
    listed = {each["id"]: each for each in found.index["material"] if not each["removed_at"]}
    for upload, material, filename, size, sha256 in found.said[CASE, "uploads"]:
        entry = listed.pop(upload, {})
        path = entry.get("path") or f"material/…{filename}"
        if (entry.get("material"), entry.get("filename")) != (material, filename):
            yield Fault(INDEX, f"材料文件“{filename}”的登记与留痕不符", CASE)
        if path not in found.hashes:
            yield Fault(path, "提交过的材料文件不在卷内", CASE)
        elif found.hashes[path] != (sha256, size):
            yield Fault(path, "不是当时提交的那个文件，被改动或者替换", CASE)
    for entry in listed.values():
        yield Fault(entry["path"] or INDEX, "没有提交过的材料文件", CASE)


def check_documents(found: Contents) -> Iterator[Fault]:
    """每份文书的数据就是当时的数据，纸面文件自签名之后未被改动。"""
    vouched = {name for region, name in found.said if name.startswith("document/")}
    for entry in found.index["documents"]:
        name, pdf = f"document/{entry['id']}", entry["pdf"]
        vouched.discard(name)
        kind, number, _, snapshot, *_ = found.said.get((CASE, name), [None] * 4)
        if found.json(entry["snapshot"]) != snapshot or (entry["kind"], entry["number"]) != (
            kind, number,
        ):  # fmt: skip
            yield Fault(entry["snapshot"], f"文书 {entry['number']} 的数据与留痕担保的不同", CASE)
        if pdf is not None:
            yield from _check_pdf(pdf, found.archive.read(pdf), snapshot)
    for name in sorted(vouched):
        yield Fault(INDEX, f"“{name}”没有登记在目录里", CASE)


def _check_pdf(name: str, content: bytes, snapshot: Json) -> Iterator[Fault]:
    """Data inside the paper that says something else, and bytes changed after it was signed."""
    for inside in _embedded(content):
        if inside.get("snapshot_sha256") not in (None, digest(snapshot)):
            yield Fault(name, "纸面文件内嵌的数据不是这份文书的数据")
    ends = []
    for found in re.finditer(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]", content):
        begin, first, second, rest = (int(each) for each in found.groups())
        signed = content[begin : begin + first] + content[second : second + rest]
        signature = content[begin + first : second].strip(b"<>").lower()
        digests = (hashlib.new(each, signed).hexdigest().encode() for each in SIGNED_WITH)
        if not any(each in signature for each in digests):
            yield Fault(name, "签名之后内容被改动")
        ends.append(second + rest)
    if ends and max(ends) != len(content):
        yield Fault(name, "签名之后又追加了内容")


def _embedded(content: bytes) -> Iterator[dict[str, Json]]:
    """The JSON files inside a PDF, as far as they can be found without a PDF library."""
    for found in re.finditer(rb"/EmbeddedFile\b.*?stream\r?\n", content, re.DOTALL):
        try:
            text = zlib.decompressobj().decompress(content[found.end() :]).decode()
            value = json.loads(text)
        except (zlib.error, *UNREADABLE):
            continue
        if isinstance(value, dict):
            yield value


CHECKS = (
    check_files, check_definition, check_ledger, check_bindings, check_evidence, check_form,
    check_material, check_documents,
)  # fmt: skip


class Finding(NamedTuple):
    """What was found: everything wrong, the fingerprint, each check with how it ended, and what
    the chains of the ledger are called."""

    faults: list[Fault]
    fingerprint: str
    ended: list[tuple[str, bool]]
    named: dict[str, str]


def examined(path: Path) -> Finding:
    """What is to be said of the archive at `path`."""
    try:
        found = Contents(opened(path))
    except (*UNREADABLE, OSError, zipfile.BadZipFile) as error:
        return Finding([Fault(path.name, f"读不出来：{error}")], "", [], {})
    ended: list[tuple[str, bool]] = []
    wrong: list[Fault] = []
    for check in CHECKS:
        title, before = (check.__doc__ or "").strip(), len(wrong) + len(found.faults)
        try:
            wrong.extend(check(found))
        except (*UNREADABLE, OSError, zipfile.BadZipFile) as error:
            wrong.append(Fault(title, f"没能核验完：{error}"))
        ended.append((title, before == len(wrong) + len(found.faults)))
    fingerprint = found.hashes.get(INDEX, ("", 0))[0]
    return Finding([*found.faults, *wrong], fingerprint, ended, found.titles())


def main(words: Sequence[str]) -> int:
    """Checks and says in words; 0 when all is right."""
    parser = argparse.ArgumentParser(prog="verify.py", description="核验一份办件档案")
    parser.add_argument("path", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--fingerprint", default="", help="出具单位告知的目录指纹")
    asked = parser.parse_args(words)
    wrong, fingerprint, ended, named = examined(asked.path)
    expected = "".join(asked.fingerprint.split()).lower()
    if expected and expected != fingerprint:
        wrong.append(Fault(INDEX, f"目录指纹不是 {expected}：这不是出具单位所指的那一份"))
    for title, right in ended:
        say(f"【{'相符' if right else '不符'}】{title}")
    for each in wrong:
        say(f"  - {each}")
    for region in sorted({each.region for each in wrong if each.region}):
        say(f"    其中 {shown(region)} 是：{shown(named.get(region, '卷内没有登记的事项'))}")
    say(f"目录指纹（index.json 的 SHA-256）：{fingerprint or '无'}")
    say(f"结论：有 {len(wrong)} 处不符。" if wrong else "结论：全部相符。")
    if not wrong and not expected:
        say("请将目录指纹与出具单位另行告知的比对：两者一致，才说明这一份就是出具的那一份。")
    return 1 if wrong else 0


def say(text: str) -> None:
    """One line, whatever the terminal can show."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
