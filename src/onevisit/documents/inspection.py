"""Tells what a handed-in file is by its content, and refuses what would act, hide or burst when
somebody opens it; the file is opened in a process that limits itself (inspect_process.py).

Photos are not looked into here: scan.py draws them anew, and only the drawing is kept.
"""

import json
import tempfile
from pathlib import Path
from typing import BinaryIO

from onevisit.documents.apart import Apart

PATIENCE = 30
"""Seconds until a file is given up, however busy the machine is."""
BUSY = 60
"""Seconds to wait for others' files."""
CHUNK = 1024 * 1024
PDF, OFD = "application/pdf", "application/ofd"
HEAD = 4096
"""Bytes within which the first entry of an OFD file is named."""
WORDS = {
    "broken": "文件打不开，可能没有传完整或者已经损坏；请在电脑上打开看看，重新导出或扫描后再上传",
    "locked": "文件加了密码，工作人员打不开；请去掉密码（另存为或者打印成 PDF）后再上传",
    "active": "文件里有脚本、自动动作或动态表单，不能接收；请用“打印成 PDF”另存一份再上传",
    "attached": "文件里夹带了其他文件，为了安全不能接收；请把附件取出来，分别上传",
    "two_kinds": "文件同时是两种格式（PDF 后面接了压缩包），不能接收；请重新导出或扫描后再上传",
    "pages": "文件的页数太多（最多 1000 页）；请分成几个文件后再上传",
    "bomb": "文件展开后过于庞大，不能接收；请重新导出，或者改传 PDF",
    "names": "文件内部的路径不正常，不能接收；请重新导出，或者改传 PDF",
    "heavy": "文件的结构过于复杂，已经停止检查；请用“打印成 PDF”另存一份再上传",
    "busy": "现在检查文件的人太多，这个文件没有保存；请过一会儿再上传",
}
"""What is told about each finding: what was wrong, and what to do."""
_SCRIPT = str(Path(__file__).with_name("inspect_process.py"))  # not -m: the package loads the press
_apart = Apart("-P", _SCRIPT, patience=PATIENCE)


class Unsafe(Exception):
    """A file that is not taken in; the message says in Chinese why and what to do."""


def kind_of(head: bytes) -> str | None:
    """The content type of a file that begins so; None for a kind that is looked into nowhere."""
    if head.startswith(b"%PDF-"):
        return PDF
    return OFD if head.startswith(b"PK\x03\x04") else None


def check_safe(file: BinaryIO) -> None:
    """Raises Unsafe for a PDF or OFD file that is not what it seems, or would do something.

    Whatever is neither passes: who keeps files refuses other kinds by their content. The file
    stands at its beginning afterwards.
    """
    file.seek(0)
    kind = kind_of(file.read(HEAD))
    file.seek(0)
    if kind is None:
        return
    found = _wrong(file, kind)
    file.seek(0)
    if found is not None:
        raise Unsafe(WORDS[found])


def _wrong(file: BinaryIO, kind: str) -> str | None:
    """One word for what is wrong; what breaks the process that looks is too heavy."""
    with tempfile.NamedTemporaryFile(prefix="onevisit-") as copy:
        while chunk := file.read(CHUNK):
            copy.write(chunk)
        copy.flush()
        try:
            answer = _apart.ask(json.dumps([copy.name, kind]).encode(), wait=BUSY)
        except TimeoutError:
            return "busy"
    found: str | None = json.loads(answer) if answer else "heavy"
    return found
