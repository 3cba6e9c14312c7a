"""The hierarchy in miniature, written from the specification and not from the code.

Everything is a plain dictionary. `may_…` says whether a step must be allowed; the machine performs
the step on the real system, compares the outcome, and tells this one what has happened.
"""

from tests.properties.reference.accounts import Accounts
from tests.properties.reference.batches import Batches
from tests.properties.reference.invitations import TERM, Offer
from tests.properties.reference.reviews import Reviews
from tests.properties.reference.settings import Settings
from tests.properties.reference.tree import STAFF, Custom, Member, Node

__all__ = ["STAFF", "TERM", "Custom", "Member", "Node", "Offer", "Reference"]


class Reference(Accounts, Batches, Reviews, Settings):
    pass
