"""The studio's pages: versions, refused files with the offending line, publishing again."""

import shutil
from pathlib import Path

import pytest

from functional.city import ROOT, City, Prepared
from onevisit.settings import Settings


@pytest.fixture
def workshop(prepared_city: Prepared, tmp_path: Path) -> City:
    """A city whose service folder is a copy that the test may break."""
    home = tmp_path / "home"
    for folder in ("workflows", "forms", "templates"):
        shutil.copytree(ROOT / folder, home / folder)
    city = prepared_city.copied(tmp_path / "city")
    city.settings = Settings(
        home=home, data=city.settings.data, database_url="", printing_processes=0
    ).prepared()
    return city


def workflow(city: City) -> Path:
    """The file of the restaurant service in the city's own folder."""
    return city.settings.home / "workflows" / "open_restaurant.yaml"


def test_list_shows_current_versions(city: City) -> None:
    page = city.client("admin").get("/studio").text
    assert "开办餐饮店“一件事”" in page
    assert 'href="/studio/open_restaurant"' in page
    assert "首次启动时" in page
    assert "没有发布的文件" not in page


def test_studio_is_only_for_admins(city: City) -> None:
    for username in ("applicant", "clerk", "tobacco.decider"):
        client = city.client(username)
        assert client.get("/studio").status_code == 403, username
        assert client.get("/studio/open_restaurant").status_code == 403, username
        assert client.post("/studio/publish").status_code == 403, username


def test_version_page_shows_figures_and_statechart(city: City) -> None:
    page = city.client("admin").get("/studio/open_restaurant").text
    assert "stateDiagram-v2" in page
    assert "一次性告知补正" in page
    assert "营业执照信息核验" in page
    assert city.client("admin").get("/studio/nonsense").status_code == 404


def test_broken_file_is_shown_by_line_and_the_old_version_serves_on(workshop: City) -> None:
    text = workflow(workshop).read_text()
    broken = text.replace("department: tobacco", "department: tobaco")
    workflow(workshop).write_text(broken)
    line = broken[: broken.index("tobaco\n")].count("\n") + 1
    page = workshop.client("admin").post("/studio/publish").text
    assert "1 个文件有问题" in page
    assert f"workflows/open_restaurant.yaml:{line}:" in page
    assert f"\n{line:4d} ▸     department: <mark>tobaco</mark>\n" in page
    assert "是否想写“tobacco”" in page
    assert workshop.client("applicant").get("/services/open_restaurant").status_code == 200
    workflow(workshop).write_text(text)
    mended = workshop.client("admin").post("/studio/publish").text
    assert "没有发布的文件" not in mended


def test_publishing_a_change_says_what_is_new_and_by_whom(workshop: City) -> None:
    admin = workshop.client("admin")
    assert "没有需要发布的改动" in admin.post("/studio/publish").text
    text = workflow(workshop).read_text()
    workflow(workshop).write_text(text.replace('version: "1.0"', 'version: "1.1"'))
    page = admin.post("/studio/publish").text
    assert "已发布：开办餐饮店“一件事”（第 1.1 版）" in page
    assert "演示管理员" in page
    assert "没有需要发布的改动" in admin.post("/studio/publish").text
