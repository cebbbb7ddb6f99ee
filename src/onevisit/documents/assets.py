"""Which files a document may draw on: style sheets and images kept beside the templates, no others.

Templates are edited by people and filled with what applicants typed, so nothing they name is
ever read from elsewhere on the disk or fetched over the network.
"""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from weasyprint.urls import URLFetcher, URLFetcherResponse

from onevisit.documents.errors import RefusedAsset

ORIGIN = "https://templates.invalid/"
"""Stands for the templates folder; .invalid can never be a real host (RFC 2606)."""

MEDIA_TYPES = {
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
}


class TemplateAssets(URLFetcher):  # type: ignore[misc]  # the base class ships no types
    """Answers addresses under ORIGIN from one folder and refuses every other address.

    `drawn`: pictures made for this one document, by their paths below ORIGIN."""

    def __init__(self, folder: Path, drawn: Mapping[str, bytes] | None = None) -> None:
        # An asset that cannot be had stops the document: paper with a hole is no document.
        super().__init__(fail_on_errors=True)
        self.folder = folder.resolve()
        self.drawn = {ORIGIN + path.lstrip("/"): content for path, content in (drawn or {}).items()}
        self.refused: RefusedAsset | None = None  # the first one; drawings swallow exceptions

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        """The asset at `url`; raises RefusedAsset for anything that is not one."""
        if url in self.drawn:
            return URLFetcherResponse(url, self.drawn[url], {"Content-Type": "image/png"})
        try:
            path = self._path(url)
            content = path.read_bytes()
        except RefusedAsset as refused:
            self.refused = self.refused or refused
            raise
        except (OSError, ValueError) as unreadable:  # gone, not ours to read, or no path at all
            self.refused = self.refused or RefusedAsset(url, "文件不存在或者不能读取")
            raise self.refused from unreadable
        return URLFetcherResponse(url, content, {"Content-Type": MEDIA_TYPES[path.suffix]})

    def _path(self, url: str) -> Path:
        parts = urlsplit(url)
        if f"{parts.scheme}://{parts.netloc}/" != ORIGIN:
            raise RefusedAsset(url, "只能使用模板目录里的资源")
        path = (self.folder / unquote(parts.path).lstrip("/")).resolve()
        if not path.is_relative_to(self.folder) or path.suffix not in MEDIA_TYPES:
            raise RefusedAsset(url, "只能使用模板目录里的样式、图像和字体")
        return path
