"""A document draws on its own folder and on nothing else, whoever asks and however."""

import pytest

from onevisit.documents import RefusedAsset, render
from onevisit.documents.assets import ORIGIN, TemplateAssets


@pytest.fixture
def folder(tmp_path):
    """A templates folder with a style sheet, and things around it that must stay unread."""
    inside = tmp_path / "templates"
    (inside / "notices").mkdir(parents=True)
    (inside / "notices/own.css").write_text("p { color: red }")
    (inside / "notices/trial.html").write_text("{{ title }}")
    (tmp_path / "secret.css").write_text("secret")
    (inside / "notices/link.css").symlink_to(tmp_path / "secret.css")
    return inside


def test_its_own_style_sheet_is_read(folder):
    assert TemplateAssets(folder).fetch(ORIGIN + "notices/own.css").read() == b"p { color: red }"


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "http://127.0.0.1/own.css",
        "https://example.com/own.css",
        "ftp://example.com/own.css",
        "data:text/css,p{}",
        "https://templates.invalid:80/notices/own.css",
        "https://user@templates.invalid/notices/own.css",
        "http://templates.invalid/notices/own.css",
        ORIGIN + "../secret.css",
        ORIGIN + "%2e%2e/secret.css",
        ORIGIN + "notices/../../secret.css",
        ORIGIN + "notices/link.css",
        ORIGIN + "notices/trial.html",
        ORIGIN + "notices/absent.css",
        ORIGIN + "notices/%00.css",
        ORIGIN + "notices",
        ORIGIN,
    ],
)
def test_every_other_address_is_refused(folder, url):
    with pytest.raises(RefusedAsset) as caught:
        TemplateAssets(folder).fetch(url)
    assert caught.value.url == url


@pytest.mark.parametrize(
    "markup",
    [
        '<img src="file:///etc/hostname">',
        '<img src="http://127.0.0.1:9/a.png">',
        '<link rel="stylesheet" href="https://example.com/a.css">',
        '<link rel="stylesheet" href="../../secret.css">',
        '<link rel="attachment" href="file:///etc/passwd">',
        "<style>@import 'file:///etc/passwd';</style>",
        "<style>p { background: url(http://127.0.0.1:9/a.png) }</style><p>一</p>",
        '<style>@font-face { font-family: a; src: url("file:///etc/passwd") }</style>',
        '<svg><image href="file:///etc/hostname" width="9" height="9"/></svg>',
        '<object data="file:///etc/hostname"></object>',
    ],
)
def test_a_document_that_names_something_outside_is_not_made(sample, folder, markup):
    (folder / "notices/trial.html").write_text(f"{markup}{{{{ title }}}}")
    with pytest.raises(RefusedAsset):
        render("notices/trial", sample("notices/receipt"), folder)


def test_a_value_cannot_name_an_asset(sample, folder):
    snapshot = sample("notices/receipt")
    snapshot["title"] = '<img src="file:///etc/hostname">'
    (folder / "notices/trial.html").write_text("<p>{{ title }}</p>")
    assert render("notices/trial", snapshot, folder).startswith(b"%PDF")
