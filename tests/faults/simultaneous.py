"""Doing things at the same instant, each in a thread and on a connection of its own."""

from contextlib import contextmanager
from queue import SimpleQueue
from threading import Barrier, Thread

from django.db import connection

from hierarchy.refusals import Refused


class _Hand(Thread):
    """Does one thing after the other, on a connection that it keeps until it is dismissed."""

    def __init__(self):
        super().__init__(daemon=True)
        self.orders = SimpleQueue()
        self.start()

    def run(self):
        for order in iter(self.orders.get, None):
            order()
        connection.close()

    def dismiss(self):
        self.orders.put(None)
        self.join()


class _Crew(list):
    is_staying = False


_crew = _Crew()


def dismiss(*, but=0):
    """End all threads but so many, and with them their connections."""
    while len(_crew) > but:
        _crew.pop().dismiss()


@contextmanager
def same_hands():
    """Let every `at_once` inside use the same threads, and their connections, again."""
    _crew.is_staying = True
    try:
        yield
    finally:
        _crew.is_staying = False
        dismiss()


def at_once(*actions):
    """Run the functions at the same time; return for each its result, or its refusal.

    Whatever else one raises is raised here: a deadlock, a timeout, a violated constraint.
    """
    outcomes = [None] * len(actions)
    beginning = Barrier(len(actions))
    end = Barrier(len(actions) + 1)

    def run(place, action):
        try:
            connection.ensure_connection()
            beginning.wait()
            outcomes[place] = action()
        except Exception as error:
            outcomes[place] = error
        end.wait()

    _crew.extend(_Hand() for _ in actions[len(_crew) :])
    for place, action in enumerate(actions):
        _crew[place].orders.put(lambda place=place, action=action: run(place, action))
    end.wait()
    if not _crew.is_staying:
        dismiss()
    for outcome in outcomes:
        if isinstance(outcome, Exception) and not isinstance(outcome, Refused):
            raise outcome
    return outcomes
