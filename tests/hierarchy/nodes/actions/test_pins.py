from hierarchy.models import Pin
from tests.support.acting import pins


def test_pin_once_and_unpin(tree, guest, owner):
    pins.pin(tree.shop, by=guest)
    pins.pin(tree.shop, by=guest)
    pins.pin(tree.shop, by=owner)
    assert [pin.node for pin in Pin.objects.filter(user=guest)] == [tree.shop]

    pins.unpin(tree.shop, by=guest)

    assert [pin.user for pin in Pin.objects.all()] == [owner]
    pins.unpin(tree.shop, by=guest)


def test_pin_grants_nothing_and_is_no_event(tree, outsider, recorded):
    pins.pin(tree.shop, by=outsider)

    assert not outsider.has_perm("hierarchy.view_workspace", tree.shop)
    assert recorded() == []
