"""What is wrong with a template, told in Chinese to the person who edits it.

Jinja tells it in English; messages that are not known here are shown as they are.
"""

import re

from jinja2.exceptions import SecurityError, TemplateError

_KNOWN = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"Encountered unknown tag '(.+?)'.*", "不认识的标记“{0}”"),
        (r"Unexpected end of template.*'(\w+)'.*", "没有结束：缺少“{0}”"),
        (r"Unexpected end of template.*", "没有结束"),
        (r"No filter named '(.+?)'.*", "没有名为“{0}”的过滤器，或者不能使用"),
        (r"No test named '(.+?)'.*", "没有名为“{0}”的判断"),
        (r"expected token '(.+?)', got '(.+?)'.*", "这里应当是“{0}”，写的是“{1}”"),
        (r"unexpected '(.+?)'.*", "这里不应当有“{0}”"),
        (r"unexpected end of (?:template|print statement|statement).*", "语句没有写完"),
        (r"Expected an expression.*", "这里应当有一个值"),
        (r"unexpected char (.+) at .*", "这里不应当有字符{0}"),
        (r"Missing end of comment tag", "注释没有结束，缺少“#}}”"),
        (r"Missing end of raw directive", "raw 没有结束"),
        (r"block '(.+?)' defined twice", "块“{0}”写了两次"),
        (r"extended multiple times", "extends 只能写一次"),
        (r"(?:.*)unsafe(?:.*)", "不能使用这个属性"),
        (r".* is not safely callable", "不能调用"),
        (r"'(.+?)' is undefined", "没有名为“{0}”的值"),
        (r"the template '(.+?)'.*does not export the requested name '(.+?)'",
         "模板“{0}”里没有名为“{1}”的宏"),
        (r"macro '(.+?)' takes not more than (\d+) argument.*", "宏“{0}”最多有{1}个参数"),
        (r"macro '(.+?)' takes no keyword argument '(.+?)'", "宏“{0}”没有名为“{1}”的参数"),
        (r"division by zero", "除数是零"),
        (r"can't multiply sequence by non-int.*", "文字不能这样相乘"),
        (r"can only concatenate str .*", "文字和数不能用 + 相连，请用 ~"),
        (r"unsupported operand type\(s\) for (.+?): .*", "这两个值不能用“{0}”运算"),
        (r"'(.+?)' object is not iterable", "这个值不能逐个取出"),
        (r"'(.+?)' object is not callable", "这个值不能调用"),
        (r"(?:.*)recursion(?:.*)", "模板互相引用或者调用，没有尽头"),
        (r"Invalid isoformat string: (.+)", "{0}不是日期"),
    )
)  # fmt: skip


def reason(error: Exception) -> str:
    """One sentence without its full stop."""
    message = str(error) or type(error).__name__
    if isinstance(error, SecurityError):
        return "不能使用这个属性"
    for pattern, words in _KNOWN:
        found = pattern.fullmatch(message)
        if found:
            return words.format(*found.groups())
    chinese = any(ord(character) > 0x2E80 for character in message)
    named = isinstance(error, TemplateError) or chinese
    return message if named else f"{type(error).__name__}：{message}"
