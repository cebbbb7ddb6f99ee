"""What is logged tells where something failed, and never whose papers were being handled."""

import json

import pytest
import structlog

from onevisit import logs


def _fail(id_number: str) -> None:
    raise ValueError(len(id_number))


def test_a_failure_is_one_line_without_the_values_at_hand(
    capsys: pytest.CaptureFixture[str],
) -> None:
    number = "".join(("990000", "19900101", "9011"))  # so that no line of the file tells it
    logs.configure()
    try:
        _fail(number)
    except ValueError:
        structlog.get_logger().exception("not_made", document="示例")
    (line,) = capsys.readouterr().err.splitlines()
    said = json.loads(line)
    assert (said["event"], said["level"], said["document"]) == ("not_made", "error", "示例")
    assert said["timestamp"].endswith("Z")
    assert "ValueError: 18" in said["exception"]
    assert "test_logs.py" in said["exception"]
    assert number not in line
