"""The sinks of alerts, put together. Loads HTTP and SMTP only where they are configured."""

import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from edge.bootstrap.publisher import age_of
from edge.bootstrap.secrets import file_of, optional_file
from edge.bootstrap.time_zone import site_zone
from edge.config import Settings
from edge.credentials import read_credential
from edge.domain.alert import parse_kinds
from edge.domain.alert_limits import LimitRules
from edge.domain.alert_notice import Writer
from edge.ports import AlertChannel, Clock
from edge.publish.alert_queue import AlertQueue, AlertRules
from edge.publish.alert_sink import AlertSink, SinkRules

if TYPE_CHECKING:
    from edge.adapters.store_sqlite import SqliteStore

WEBHOOK, MAIL = "webhook", "mail"  # the ways, and the names of their cursors
SHORTEST_KEY = 32  # bytes, or characters in the form of Standard Webhooks


def alert_ways(settings: Settings) -> dict[str, Callable[[], AlertChannel]]:
    """Return what makes the channel of each way that is configured."""
    ways: dict[str, Callable[[], AlertChannel]] = {}
    if settings.alerts.webhook_url:
        ways[WEBHOOK] = lambda: _webhook(settings)
    if settings.alerts.mail_host:
        ways[MAIL] = lambda: _mail(settings)
    return ways


def build_alert_sinks(
    settings: Settings, store: "SqliteStore", *, clock: Clock | None = None
) -> dict[str, AlertSink]:
    """Return the sinks by name, not started yet; the cursor of a way that is not configured is forgotten."""
    from edge.adapters.clock_system import ClockSystem

    ways, time_of = alert_ways(settings), clock or ClockSystem()
    for name in {WEBHOOK, MAIL} - ways.keys():
        store.journal.forget(name)
    return {name: _sink(name, make(), settings, store, time_of) for name, make in ways.items()}


def alert_writer(settings: Settings) -> Writer:
    """Return what writes the notices of this terminal."""
    language = settings.alerts.language or settings.device.language
    return Writer(settings.device.name, language, site_zone(settings))


def _sink(
    name: str, channel: AlertChannel, settings: Settings, store: "SqliteStore", clock: Clock
) -> AlertSink:
    alerts = settings.alerts
    rules = AlertRules(
        sink=name,
        journal=store.journal.uuid,
        kinds=parse_kinds(alerts.webhook_kinds if name == WEBHOOK else alerts.mail_kinds),
        limits=LimitRules(
            quiet=60.0 * alerts.quiet_minutes, per_kind=alerts.per_kind, per_hour=alerts.per_hour
        ),
        recoveries=alerts.recoveries,
    )
    return AlertSink(
        queue=lambda: AlertQueue(store.journal, rules, alert_writer(settings), clock),
        channel=channel,
        rules=SinkRules(name, give_up=3600.0 * alerts.give_up_hours),
        clock=clock,
        chance=random.random,
        age=age_of,
    )


def _webhook(settings: Settings) -> AlertChannel:
    from edge.adapters.alert_webhook import AlertWebhook, WebhookAddress

    alerts = settings.alerts
    key = file_of(settings, alerts.webhook_key_file)
    address = WebhookAddress(
        alerts.webhook_url,
        key=lambda: read_credential(key, shortest=SHORTEST_KEY),
        ca=optional_file(settings, alerts.webhook_ca_file),
    )
    return AlertWebhook(address, time.time)


def _mail(settings: Settings) -> AlertChannel:
    from edge.adapters.alert_mail import AlertMail, MailAddress, MailLogin

    alerts = settings.alerts
    login = None
    if alerts.mail_username:
        password = file_of(settings, alerts.mail_password_file)
        login = MailLogin(alerts.mail_username, lambda: read_credential(password))
    address = MailAddress(
        host=alerts.mail_host,
        port=alerts.mail_port,
        security=alerts.mail_security,
        device=settings.device.name,
        sender=alerts.mail_from,
        recipients=alerts.recipients,
        login=login,
        ca=optional_file(settings, alerts.mail_ca_file),
    )
    return AlertMail(address, time.time)
