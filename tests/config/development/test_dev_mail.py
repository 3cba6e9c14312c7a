from django.core.mail import EmailMultiAlternatives, get_connection

from config.development import dev_mail

FILE_BACKEND = "django.core.mail.backends.filebased.EmailBackend"


def _send(folder, *subjects):
    connection = get_connection(FILE_BACKEND, file_path=str(folder))
    for subject in subjects:
        mail = EmailMultiAlternatives(
            subject, "Accept: http://localhost:8000/invitations/abc/ ✓", None, ["b@example.com"]
        )
        mail.attach_alternative("<p>Accept</p>", "text/html")
        connection.send_messages([mail])
    connection.close()


def test_read_mails_newest_first(tmp_path):
    _send(tmp_path, "First", "Second")

    mails = dev_mail.newest_mails(tmp_path)

    assert [mail["subject"] for mail in mails] == ["Second", "First"]
    assert mails[0]["to"] == "b@example.com"
    assert mails[0]["text"].strip() == "Accept: http://localhost:8000/invitations/abc/ ✓"


def test_show_links_that_can_be_clicked(rf, settings, tmp_path, db):
    settings.EMAIL_FILE_PATH = str(tmp_path)
    _send(tmp_path, "Invitation <b>")

    page = dev_mail.index(_anonymous(rf.get("/dev/mail/")))

    assert 'href="http://localhost:8000/invitations/abc/"' in page.text
    assert "Invitation &lt;b&gt;" in page.text


def test_say_when_there_is_no_mail(rf, settings, tmp_path, db):
    settings.EMAIL_FILE_PATH = str(tmp_path)

    assert "No e-mails yet" in dev_mail.index(_anonymous(rf.get("/dev/mail/"))).text


def _anonymous(request):
    from django.contrib.auth.models import AnonymousUser

    request.user = AnonymousUser()
    return request
