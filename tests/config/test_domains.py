import pytest

from config import domains


@pytest.mark.parametrize(
    ("name", "ascii_name"),
    [
        ("Example.COM.", "example.com"),
        ("straße.de", "xn--strae-oqa.de"),
        ("STRASSE.de", "strasse.de"),
        ("βόλος.com", "xn--nxasmm1c.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("bu\N{COMBINING DIAERESIS}cher.example", "xn--bcher-kva.example"),
        ("\N{FULLWIDTH LATIN SMALL LETTER E}xample\N{IDEOGRAPHIC FULL STOP}com", "example.com"),
        ("пример.рф", "xn--e1afmkfd.xn--p1ai"),
        ("r3---sn.example", "r3---sn.example"),
        ("my_app.example.com", "my_app.example.com"),
        ("deploy-preview-12--shop.example", "deploy-preview-12--shop.example"),
        ("xn--i-7iq.ws", "xn--i-7iq.ws"),
        ("my_app.bücher.example", "my_app.xn--bcher-kva.example"),
        ("exa\N{SOFT HYPHEN}mple.com", "example.com"),
    ],
)
def test_to_ascii(name, ascii_name):
    assert domains.to_ascii(name) == ascii_name
    assert domains.to_ascii(ascii_name) == ascii_name


@pytest.mark.parametrize(
    "name",
    ["", ".", "a..b", "i❤.ws", "a b.com", "a@b.com", "a/b.com", "[::1]", "x" * 64 + ".com",
     "a\N{FULLWIDTH COMMERCIAL AT}b.com", "a\N{FULLWIDTH SOLIDUS}b.com", "ü" * 64 + ".com",
     "a." * 127 + "com", "\0.com", "\ud800.com", "ü.\N{COMBINING ACUTE ACCENT}.com"],
)  # fmt: skip
def test_to_ascii_refuses(name):
    with pytest.raises(ValueError):
        domains.to_ascii(name)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("xn--strae-oqa.de", "straße.de"),
        ("xn--e1afmkfd.xn--p1ai", "пример.рф"),
        ("xn--pple-43d.com", "xn--pple-43d.com"),  # a Cyrillic letter among Latin ones
        ("xn--i-7iq.ws", "xn--i-7iq.ws"),  # symbols are no letters
        ("xn--.com", "xn--.com"),
        ("example.com", "example.com"),
    ],
)
def test_readable(name, shown):
    assert domains.readable(name) == shown


@pytest.mark.parametrize(
    ("sender", "in_ascii"),
    [
        ("Canopy <canopy@straße.de>", "Canopy <canopy@xn--strae-oqa.de>"),
        ("canopy@example.com", "canopy@example.com"),
        ("Canopy <canopy@localhost>", "Canopy <canopy@localhost>"),
        ("Canopy <canopy@[::1]>", "Canopy <canopy@[::1]>"),
    ],
)
def test_sender_in_ascii(sender, in_ascii):
    assert domains.sender_in_ascii(sender) == in_ascii
