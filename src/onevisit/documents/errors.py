"""What can go wrong on the way to paper, named so that whoever edits a template can mend it."""


class DocumentError(Exception):
    """文书无法生成。"""


class UnknownTemplate(DocumentError):
    """没有这个文书模板。"""

    def __init__(self, template: str) -> None:
        super().__init__(f"没有文书模板“{template}”。")
        self.template = template


class MissingValue(DocumentError):
    """文书要用的值没有提供。

    `name` is the dotted path in the snapshot (decision.remedies), `template` the one that asked.
    """

    def __init__(self, name: str, template: str) -> None:
        super().__init__(f"文书模板“{template}”要用的值“{name}”缺失或为空。")
        self.name = name
        self.template = template


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
