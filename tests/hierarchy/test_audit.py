"""What can be recorded: each room declares its own, and how it is told."""

import ast

import pytest

from hierarchy import audit
from hierarchy.models import Pin, path_of
from tests.support.storeys import ROOMS, ROOT, SHELLS, sources

RECORDING = {"record", "record_all", "note", "_record"}


def _calls(room):
    for path in sources(f"hierarchy/{room}"):
        for node in ast.walk(ast.parse((ROOT / path).read_text())):
            if isinstance(node, ast.Call):
                yield node, ast.unparse(node.func).rpartition(".")[2]


def _recorded(room):
    """Return the actions that the source of a room names where it records, or says what to."""
    named = set()
    for call, name in _calls(room):
        first = call.args[:1] if name in RECORDING else []
        said = [keyword.value for keyword in call.keywords if keyword.arg == "action"]
        found = [each.value for each in [*first, *said] if isinstance(each, ast.Constant)]
        named |= {action for action in found if isinstance(action, str) and "." in action}
    return named


def _declared(room):
    return {
        key.value
        for call, name in _calls(room)
        if name == "declare" and call.args and isinstance(call.args[0], ast.Dict)
        for key in call.args[0].keys
    }


@pytest.mark.parametrize("room", [*SHELLS, *ROOMS])
def test_tell_in_its_own_room_what_a_room_records(room):
    assert _recorded(room) <= _declared(room)


def test_know_every_action_by_the_rooms_alone():
    declared = set().union(*(_declared(room) for room in [*SHELLS, *ROOMS]))

    assert set(audit.ACTIONS) - declared == {audit.REFUSED}
    assert len(set().union(*(_recorded(room) for room in [*SHELLS, *ROOMS]))) > 50


def test_list_the_actions_of_a_noun_together():
    nouns = [action.partition(".")[0] for action in audit.actions()]

    assert nouns == sorted(nouns)
    assert set(audit.actions()) == set(audit.ACTIONS)


def test_refuse_to_declare_an_action_twice():
    with pytest.raises(ValueError, match=r"membership\.add"):
        audit.declare({"membership.add": "added %(target)s"})


def test_record_nothing_that_no_room_has_declared(tree, owner):
    with pytest.raises(ValueError, match="undeclared action"):
        audit.record("membership.forget", by=owner, node=tree.acme)


def test_record_nothing_about_what_no_room_has_declared(tree, owner):
    pin = Pin.objects.create(user=owner, **path_of(tree.acme))

    with pytest.raises(ValueError, match="undeclared targets: pin"):
        audit.record("workspace.edit", by=owner, node=tree.acme, target=pin)
