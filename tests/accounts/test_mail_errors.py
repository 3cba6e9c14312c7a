"""What a mail server answers, in words that can be kept."""

import pytest

from accounts.mail_errors import in_words

TOKEN = "kPz9-Q0x_3uYv8aRr2T5w7e"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("550 No such mailbox", "550 No such mailbox"),
        (f"554 Listed: https://a.example/invitations/{TOKEN}/", "554 Listed: •••"),
        (f"554 Listed: ({TOKEN[4:12]}…)", "554 Listed: •••"),
        (f"554 Listed:\r\n <{TOKEN.lower()}>\t4.7.1", "554 Listed: ••• 4.7.1"),
    ],
)
def test_hide_the_words_in_which_a_secret_shows(said, kept):
    assert in_words(OSError(said), [TOKEN, "", "."]) == f"OSError: {kept}"


def test_hide_a_code():
    assert in_words(OSError("ABC-DEF is your code"), ["ABC-DEF"]) == "OSError: ••• is your code"
