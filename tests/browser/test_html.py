"""The HTML of every page holds to the standard, by html-validate, an offline validator."""

import json
import subprocess
from pathlib import Path

from browser.tour import ROOT, Tour

VALIDATOR = ROOT / "node_modules/html-validate/bin/html-validate.mjs"
NOT_HELD = {
    "long-title": "a length that search engines prefer, no rule of HTML",
    "no-trailing-whitespace": "how the source looks",
    "attribute-boolean-style": "how the source looks",
    "attribute-empty-style": "how the source looks",
    "doctype-style": "how the source looks",
    "void-style": "how the source looks",
    "no-inline-style": "the security policy forbids them already",
    "require-sri": "our own files come from our own origin",
    "no-redundant-role": "a list without bullets needs its role in Safari",
}
"""Rules of the standard preset that are not held, with the reason."""


def test_every_page_is_valid_html(walked: Tour, tmp_path: Path) -> None:
    named = {}
    for who in dict.fromkeys(stop.who for stop in walked.stops):
        with walked.browser(who) as client:
            for stop in walked.stops:
                if stop.who == who:
                    file = tmp_path / f"{stop.slug}.html"
                    file.write_text(client.get(stop.address).text, "utf-8")
                    named[str(file)] = stop
    assert len(named) == len(walked.stops)
    faults = validated(tmp_path)
    told = [f"{named[file]} {where}" for file, where in faults]
    assert told == [], "\n".join(told)


def test_the_validator_finds_what_is_wrong(tmp_path: Path) -> None:
    text = (
        "<!DOCTYPE html><html lang='zh-CN'><head><title>演示</title></head><body>{}</body></html>"
    )
    (tmp_path / "wrong.html").write_text(text.format("<p><div id='a'></div><b id='a'></b></p>"))
    (tmp_path / "right.html").write_text(text.format("<p>演示</p>"))
    found = validated(tmp_path)
    assert {Path(file).name for file, _ in found} == {"wrong.html"}
    assert any("no-dup-id" in where for _, where in found)


def validated(folder: Path) -> list[tuple[str, str]]:
    """Each fault in the files of a folder: which file; line, rule and message."""
    rules = dict.fromkeys(NOT_HELD, "off")
    config = folder / "rules.json"
    config.write_text(
        json.dumps({"root": True, "extends": ["html-validate:standard"], "rules": rules})
    )
    with (folder / "found.json").open("w") as out:  # it leaves a pipe before all is through
        done = subprocess.run(
            ["node", VALIDATOR, "--config", config, "--formatter", "json", f"{folder}/*.html"],
            check=False, stdout=out, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    found = json.loads((folder / "found.json").read_text("utf-8"))
    return [
        (file["filePath"], f"{each['line']}: {each['ruleId']}: {each['message']}")
        for file in found
        for each in file["messages"]
    ]
