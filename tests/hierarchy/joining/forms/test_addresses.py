import pytest
from django.core.exceptions import ValidationError

from hierarchy.joining.forms import addresses
from hierarchy.models.invitation import Offer
from hierarchy.roles import BUILT_IN, Role
from tests.factories import CustomRoleFactory


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        (" a@example.com \n\n b@example.com", [("a@example.com", ""), ("b@example.com", "")]),
        ("a@example.com, b@example.com;c@example.com", [(f"{n}@example.com", "") for n in "abc"]),
        (
            "a@example.com, Manager\nb@example.com",
            [("a@example.com", "Manager"), ("b@example.com", "")],
        ),
        ("Person Example <a@example.com>", [("a@example.com", "")]),
        ('"a@example.com"\t"viewer"', [("a@example.com", "viewer")]),
        ("nobody", [("nobody", "")]),
    ],
)
def test_read_what_people_paste(text, found):
    assert addresses.read(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        (
            "Name,E-Mail,Role\r\nA,a@example.com,viewer\r\nB,b@example.com",
            [("a@example.com", "viewer"), ("b@example.com", "")],
        ),
        ("email\na@example.com\n\n", [("a@example.com", "")]),
        ('name,email\n"Example, Person",a@example.com', [("a@example.com", "")]),
        ("a@example.com\nb@example.com", [("a@example.com", ""), ("b@example.com", "")]),
        ("name,email\nonly", [("", "")]),
        ("E-Mail;Role\na@example.com;viewer\n;;", [("a@example.com", "viewer")]),
        ("email\trole\na@example.com\tviewer", [("a@example.com", "viewer")]),
        ("nobody", [("nobody", "")]),
        ("x" * 200_000, [("x" * 200_000, "")]),
    ],
)
def test_read_files(text, found):
    assert addresses.read_file(text) == found


@pytest.mark.parametrize("header", ["adresse;rolle", "Adresse", "to,as"])
def test_refuse_a_file_whose_columns_are_called_otherwise(header):
    with pytest.raises(ValidationError, match="“email”"):
        addresses.read_file(f"{header}\na@example.com;viewer")


def test_write_what_is_read_again():
    offers = [Offer("a@example.com", Role.OWNER), Offer("b@example.com", Role.VIEWER)]

    text = addresses.write(offers)

    assert addresses.read(text) == [("a@example.com", "owner"), ("b@example.com", "viewer")]


def test_a_word_means_the_role_whose_value_it_is_before_one_of_that_name(tree):
    guest = CustomRoleFactory(organization=tree.acme, name="Guest")
    other = CustomRoleFactory(organization=tree.acme, name=f"custom-{guest.pk}")
    roles = [other, *BUILT_IN, guest]

    assert addresses.named(f"custom-{guest.pk}", roles) == [guest]
    assert addresses.named("\uff27UEST", roles) == [guest]
    assert addresses.named("Manager", roles) == [Role.MANAGER]
    assert addresses.named("emperor", roles) == []


def test_a_word_may_mean_two_roles(tree):
    roles = [CustomRoleFactory(organization=tree.acme, name=n) for n in ("Straße", "STRASSE")]

    assert addresses.named("strasse", roles) == roles
