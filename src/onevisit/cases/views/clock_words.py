"""The words of a clock's explanation, in Chinese and in English, for the page and the command."""

from datetime import date

from onevisit.cases.views.clock import CLOSING, FIRST_DAY, ROLLED, ClockLine, DayLine
from onevisit.definition.problem import Language
from onevisit.documents.format import cn_date

KINDS = {"legal": ("法定时限", "legal limit"), "promise": ("承诺时限", "promised limit")}
BECAUSE = {
    "accepted": ("受理之日", "the day of acceptance"),
    "deemed": (
        "收到申请材料之日：逾期没有告知补正，自该日起即为受理（行政许可法第三十二条第一款第四项）",
        "the day of receipt: nobody told in time what was missing (行政许可法第三十二条)",
    ),
    "together": (
        "受理之日，各部门同时启动（浙江省保障“最多跑一次”改革规定第五条）",
        "the day of acceptance, together with all departments",
    ),
    "after": (
        "前置事项办结之日（浙江省保障“最多跑一次”改革规定第五条）",
        "the day on which the earlier result was there",
    ),
    "started": ("启动之日", "the day on which it was started"),
}
WHY = {
    "first": (f"开始的当日，不计入（{FIRST_DAY}）", f"first day, not counted ({FIRST_DAY})"),
    "counted": ("计入", "counted"),
    "make_up": ("调休上班，计入", "make-up working day, counted"),
    "weekend": ("周末，不计入", "weekend, not counted"),
    "holiday": ("法定节假日，不计入", "statutory holiday, not counted"),
    "rolled": (f"不是工作日，顺延（{ROLLED}）", f"not worked, rolled over ({ROLLED})"),
}
STANDING = {
    "running": ("正在计时", "running"),
    "stopped": ("暂停计时", "stopped"),
    "late": ("已超过", "past"),
    "ended": ("已决定，不再计时", "decided, no longer running"),
}
WEEKDAYS = (
    ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
)


def _in(language: Language, pair: tuple[str, str]) -> str:
    return pair[language == "en"]


def kind(line: ClockLine, language: Language = "zh") -> str:
    """法定时限 or 承诺时限."""
    return _in(language, KINDS[line.kind])


def limit(line: ClockLine, language: Language = "zh") -> str:
    """20个工作日, with what was added: 20个工作日，延长10个工作日."""
    units = {"working": ("个工作日", " working days"), "natural": ("日", " days")}
    unit = _in(language, units[line.unit])
    added = sum(each.days for each in line.granted)
    if not added:
        return f"{line.days}{unit}"
    joined = ("，延长", " extended by ")
    return f"{line.days}{unit}{_in(language, joined)}{added}{unit}"


def because(line: ClockLine, language: Language = "zh") -> str:
    """Why the clock starts on its first day."""
    return _in(language, BECAUSE[line.because])


def day(line: ClockLine, one: DayLine, language: Language = "zh") -> str:
    """What one day is to its clock."""
    if one.stop is not None:
        text = f"{one.stop.title}：{one.stop.reasons}（{one.stop.basis}）"
        return _in(language, ("暂停，不计入：", "stopped, not counted: ")) + text
    if line.unit == "natural" and one.number is not None:
        return _in(language, ("计入（自然日）", "counted (natural days)"))
    if one.last and one.why == "rolled":
        return _in(language, (f"顺延至本日（{ROLLED}）", f"rolled over to this day ({ROLLED})"))
    guess = ("；放假安排还没有公布，暂定", "; holidays not announced yet, provisional")
    return _in(language, WHY[one.why]) + (_in(language, guess) if one.provisional else "")


def weekday(one: date, language: Language = "zh") -> str:
    """周六 or Sat."""
    return WEEKDAYS[language == "en"][one.weekday()]


def last_day(line: ClockLine, language: Language = "zh") -> str:
    """When the clock ends, to the minute, and on which article."""
    if language == "en":
        text = f"{line.due.isoformat()}"
        text += f", {line.closes} when the authority closes ({CLOSING})" if line.closes else ""
        return text + (", provisional" if line.provisional else "")
    text = cn_date(line.due) + ("（暂定）" if line.provisional else "")
    return text + (
        f" {line.closes}，停止业务活动的时间为截止时间（{CLOSING}）" if line.closes else ""
    )


def standing(line: ClockLine, language: Language = "zh") -> str:
    """Where the clock stands today: running with so many days left, stopped, past, or decided."""
    word = _in(language, STANDING[line.standing])
    if line.standing == "late":
        return word
    unit = ("个工作日", " working days") if line.unit == "working" else ("日", " days")
    used = f"{line.used}{_in(language, unit)}"
    if line.standing == "ended":
        return _in(language, (f"{word}，用了{used}", f"{word} after {used}"))
    left = f"{line.left}{_in(language, unit)}"
    return _in(language, (f"{word}，已用{used}，还剩{left}", f"{word}, {used} used, {left} left"))
