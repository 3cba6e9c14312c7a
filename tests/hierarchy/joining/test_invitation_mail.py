"""What an invited person reads: plain words, and nothing that somebody else could bend."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.formats import date_format

from hierarchy import outbox
from hierarchy.models import Invitation
from hierarchy.refusals import Refused
from hierarchy.roles import Role
from tests.support.acting import invitations

BREAK = "\u200c"


@pytest.fixture
def send(tree, owner, mailoutbox):
    """Return a function that invites new@example.com to Shop and returns the mail."""

    def send(**fields):
        invitation = invitations.send(
            tree.shop, "new@example.com", Role.MAINTAINER, by=owner, **fields
        )
        outbox.deliver(invitation.mail_id)
        return mailoutbox[-1]

    return send


def _parts(mail):
    ((html, content_type),) = mail.alternatives
    assert content_type == "text/html"
    return mail.subject, mail.body, html


def test_say_who_invites_to_what_as_what(send):
    subject, text, html = _parts(send(message="We start on Monday.\nSee you!"))

    assert subject == "Invitation to Shop from Owner"
    for part in (text, html):
        assert "owner@example.com" in part.replace(BREAK, "")
        for words in ("Owner", "Shop", "Acme", "maintainer", "We start on Monday.", "UTC"):
            assert words in part
    assert "> We start on Monday.\n> See you!" in text
    assert "We start on Monday.<br>See you!" in html


def test_say_when_the_access_ends(send):
    ends_at = timezone.now().replace(hour=12, minute=34) + timedelta(days=20)

    for part in _parts(send(ends_at=ends_at))[1:]:
        assert f"Your access will end on {date_format(ends_at, 'j F Y, H:i')} UTC." in part


def test_say_nothing_of_an_end_that_there_is_not(send):
    assert "Your access will end" not in "".join(_parts(send()))


def test_link_leads_to_the_base_url(send, settings):
    settings.BASE_URL = "https://canopy.example.org"

    _subject, text, html = _parts(send())

    links = re.findall(r"https?://\S+?(?=[\"\s])", text + html)
    assert {link.partition("/invitations/")[0] for link in links} == {"https://canopy.example.org"}
    assert len({*links}) == 1
    assert invitations.find(links[0].split("/")[-2]) == Invitation.objects.get()


def test_show_markup_in_names_as_text(tree, send):
    tree.shop.name = "<img src=x onerror=alert(1)>"
    tree.shop.save()

    subject, text, html = _parts(send())

    assert "<img" in subject
    assert "<img" in text
    assert "<img" not in html
    assert "&lt;img src=x" in html


def test_make_no_link_of_a_name(owner, send):
    owner.first_name = "https://evil.example/now"
    owner.last_name = "or write a@evil.example"
    owner.save()

    for part in _parts(send()):
        assert "evil.example" not in part
        assert f"https:{BREAK}/{BREAK}/{BREAK}evil.{BREAK}example" in part


def test_keep_the_subject_on_one_line(owner, send):
    owner.first_name = "Ann\r\nBcc: everybody@example.com"
    owner.save()

    mail = send()

    assert mail.subject.splitlines() == [mail.subject]
    assert "Bcc" not in mail.message()


@pytest.mark.parametrize("mark", ["\u202e", "\u2066", "\u200f", "\x07", "\ufeff"])
def test_drop_marks_that_reorder_text(owner, send, mark):
    owner.first_name = f"A{mark}nn"
    owner.save()

    for part in _parts(send(message="See you")):
        assert mark not in part
        assert "Ann" in part


@pytest.mark.parametrize("mark", ["\u202e", "\u2066", "\u200f", "\x07", "\ufeff"])
def test_refuse_a_message_with_marks_that_reorder_text(send, mark, mailoutbox):
    with pytest.raises(Refused, match="Remove invisible characters"):
        send(message=f"See {mark}you")

    assert mailoutbox == []


def test_keep_joined_emoji_in_a_message(send):
    _subject, text, _html = _parts(send(message="Hello \U0001f469\u200d\U0001f4bb"))

    assert "\U0001f469\u200d\U0001f4bb" in text
