"""Which browser somebody uses, in the few words that let them recognise it in a list."""

BROWSERS = (
    ("MicroMessenger", "微信"),
    ("DingTalk", "钉钉"),
    ("AlipayClient", "支付宝"),
    ("Edg", "Edge"),
    ("QQBrowser", "QQ 浏览器"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
"""What a browser says of itself; most claim to be those further down as well."""
SYSTEMS = (
    ("HarmonyOS", "鸿蒙"),
    ("OpenHarmony", "鸿蒙"),
    ("Android", "安卓"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


def in_words(user_agent: str) -> str:
    """The browser and the system, e.g. Chrome（Windows）; nothing else of the header is kept."""
    browser = next((word for mark, word in BROWSERS if mark in user_agent), "其他浏览器")
    system = next((word for mark, word in SYSTEMS if mark in user_agent), "")
    return f"{browser}（{system}）" if system else browser
