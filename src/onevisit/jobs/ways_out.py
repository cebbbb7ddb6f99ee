"""The ways out that a site has, as its settings say."""

from onevisit.cases.outbox.sending import WayOut
from onevisit.jobs.mail import Mail, Server
from onevisit.jobs.sms import Sms
from onevisit.settings import Settings


def ways_out(settings: Settings) -> dict[str, WayOut]:
    """How to send by channel; a channel that is not set up is absent."""
    ways: dict[str, WayOut] = {}
    smtp, key = settings.smtp_url.get_secret_value(), settings.sms_key.get_secret_value()
    site = settings.public_url.rstrip("/")
    if smtp:
        server = Server.parse(smtp)
        ways["email"] = Mail(server, settings.mail_from, settings.centre, site, settings.smtp_ca)
    if settings.sms_url:
        ways["sms"] = Sms(settings.sms_url, key, settings.centre)
    return ways
