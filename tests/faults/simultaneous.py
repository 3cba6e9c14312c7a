"""Doing things at the same instant, each in a thread and on a connection of its own."""

from threading import Barrier, Thread

from django.db import connection

from hierarchy.refusals import Refused


def at_once(*actions):
    """Run the functions at the same time; return for each its result, or its refusal.

    Whatever else one raises is raised here: a deadlock, a timeout, a violated constraint.
    """
    outcomes = [None] * len(actions)
    barrier = Barrier(len(actions))

    def run(place, action):
        try:
            connection.ensure_connection()
            barrier.wait()
            outcomes[place] = action()
        except Exception as error:
            outcomes[place] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for outcome in outcomes:
        if isinstance(outcome, Exception) and not isinstance(outcome, Refused):
            raise outcome
    return outcomes
