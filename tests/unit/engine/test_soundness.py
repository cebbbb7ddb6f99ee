"""What soundness says of services whose answers matter to it."""

from onevisit.engine.proof.soundness import trios
from onevisit.engine.situations import situations
from proof.mutated import Files, parsed, report


def test_an_indirect_need_brings_an_earlier_result_too() -> None:
    def change(files: Files) -> None:
        files.add_material(
            id="checked", title="核验结果", source="prior", origin="licence", items=["hygiene"]
        )
        files.item("hygiene")["needs"] = ["food", "signboard"]

    found = report(change).obligations
    assert [each.status for each in found if each.id == "soundness"] == ["proven"]


def test_a_stuck_case_is_shown_from_its_beginning() -> None:
    found = next(
        e for e in report(lambda f: f.drop_move("join")).obligations if e.status != "proven"
    )
    assert found.counterexample[:3] == ("提交申请", "受理", "“营业执照信息核验”启动办理")
    assert found.counterexample[-1] == "“营业执照信息核验”准予"


def test_neighbourhoods_are_few_and_small() -> None:
    found = [trio for trio, _ in trios(situations(parsed()))]
    assert all(len(trio) <= 3 for trio in found)
    assert len(found) < 60
    ids = {part.item.id for trio in found for part in trio}
    assert {"licence", "food", "fire"} <= ids


def test_a_fatal_item_that_is_always_there_ends_what_all_others_refused() -> None:
    """Without `close`, a case in which all is refused is ended by the fatal item alone."""

    def fatal(files: Files) -> None:
        files.drop_move("close")
        files.item("licence")["on_reject"] = "case"

    def harmless(files: Files) -> None:
        fatal(files)
        files.item("licence")["on_reject"] = "item"

    assert [e.status for e in report(fatal).obligations if e.id == "soundness"] == ["proven"]
    assert [e.status for e in report(harmless).obligations if e.id == "soundness"] == ["refuted"]
