"""Which pages show a list that can be taken along as a spreadsheet, and from where."""

from urllib.parse import parse_qsl, urlencode

LISTS = {
    "/desk": ("/exports/desk", "导出表格"),
    "/office": ("/exports/office", "导出表格"),
    "/window": ("/exports/window", "导出表格"),
    "/watch": ("/exports/watch", "导出亮灯表格"),
    "/my": ("/exports/my", "导出表格"),
}


def export_of(path: str, query: str) -> tuple[str, str] | None:
    """Address and words of the link to the list on this page, from its first row; None without."""
    if path not in LISTS:
        return None
    address, label = LISTS[path]
    kept = [pair for pair in parse_qsl(query) if pair[0] != "after"]
    return address + ("?" + urlencode(kept) if kept else ""), label
