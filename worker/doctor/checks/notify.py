"""Check: whether people can be told: the extra is there, Apprise takes each address, and templates serve."""

from __future__ import annotations

from collections.abc import Iterator

from worker.alert_kinds import why_no_template
from worker.doctor.check import Finding, Machine
from worker.errors import SettingsInvalid
from worker.translation import Text, gettext


def check(machine: Machine) -> Iterator[Finding]:
    """A line for each address, and one for each template that does not serve; none where nobody is to be told."""
    notify, origin = machine.settings.notify, machine.origins["notify"]
    if notify is None:
        return
    yield from _addresses(machine, origin)
    for name, template in notify.templates.items():
        if (wrong := why_no_template(name, template)) is not None:
            yield _unusable(gettext("`notify.templates`: {wrong}", wrong=wrong), origin)


def _addresses(machine: Machine, origin: str) -> Iterator[Finding]:
    try:
        places = machine.ask_notify()
    except SettingsInvalid as refusal:
        yield _unusable(refusal.text, origin)
        return
    if not places:
        yield _unusable(gettext("there is no address: set `urls` or `file`"), origin)
    for place, why in places:
        if why is not None:
            yield _unusable(gettext("address {place}: {why}", place=place, why=why), origin)
        elif machine.is_notify_sent:
            yield Finding(mark="ok", what="notify", text=gettext("address {place}: a test was sent.", place=place))
        else:
            text = gettext("address {place} is well formed; `doctor --notify` sends a test.", place=place)
            yield Finding(mark="ok", what="notify", text=text)


def _unusable(text: str, origin: str) -> Finding:
    """The night goes on without a word, so it is a warning.

    Args:
        text: what is wrong.
        origin: where the setting stands.
    """
    told: Text = gettext("{what}  ({origin}; the night goes on, but nobody is told this way)", what=text, origin=origin)
    return Finding(mark="warn", what="notify", text=told)
