"""What can go wrong on the way to paper, named so that whoever edits a template can mend it."""

from typing import Any


class DocumentError(Exception):
    """文书无法生成。"""

    def __reduce__(self) -> tuple[Any, ...]:
        """Whole from one process to another, whatever its constructor takes."""
        return _again, (type(self), self.args, self.__dict__)


def _again(kind: type[DocumentError], args: tuple[Any, ...], said: dict[str, Any]) -> DocumentError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(said)
    return error


class UnknownTemplate(DocumentError):
    """没有这个文书模板。"""

    def __init__(self, template: str) -> None:
        super().__init__(f"没有文书模板“{template}”。")
        self.template = template


class MissingValue(DocumentError):
    """文书要用的值没有提供。

    `name` is the dotted path in the snapshot (decision.remedies), `template` the document; it is
    asked for in the template `place` at `line`, as far as that is known.
    """

    def __init__(
        self, name: str, template: str, place: str | None = None, line: int | None = None
    ) -> None:
        super().__init__(f"文书模板“{template}”要用的值“{name}”缺失或为空。")
        self.name = name
        self.template = template
        self.place = place or template
        self.line = line


class BrokenTemplate(DocumentError):
    """文书模板有错误。

    `line` is the line in the template file, or None where the fault has no single place.
    """

    def __init__(self, template: str, reason: str, line: int | None = None) -> None:
        place = f"第{line}行" if line else ""
        super().__init__(f"文书模板“{template}”{place}有错误：{reason}")
        self.template = template
        self.reason = reason
        self.line = line


class RefusedAsset(DocumentError):
    """文书模板引用了模板目录以外的资源。"""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"文书模板引用的资源“{url}”不可用：{reason}。")
        self.url = url


class BadCertificateNumber(DocumentError):
    """电子证照标识不符合 GB/T 36904。"""


class NoSeal(DocumentError):
    """没有该部门的电子签章，文书不能签发。"""

    def __init__(self, title: str, uscc: str, folder: str) -> None:
        super().__init__(
            f"没有“{title}”（{uscc}）的电子签章：请把证书和私钥放到 {folder}（{uscc}.pem 和"
            f" {uscc}.key，或者 {uscc}.p12），或者在密码设备里放好私钥。"
        )


class BadSeal(DocumentError):
    """电子签章的文件或者设备不能使用。"""


class BadCode(DocumentError):
    """二维码里的内容不是本系统的文书核验码，或者已经损坏。"""
