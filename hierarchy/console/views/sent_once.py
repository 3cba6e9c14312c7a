"""A form that makes something makes it once, however often the same one is sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import wraps
from typing import TypeVar, cast

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from accounts.models import User
from hierarchy.console.actions import sent_forms

# Django draws the text of this field again for each page that it renders. A form that is opened
# again is another one, therefore, whatever is filled in; a click too many is the same.
DRAWN_FOR_EACH_PAGE = "csrfmiddlewaretoken"

ViewT = TypeVar("ViewT", bound=Callable[..., HttpResponse])


def once(view: ViewT) -> ViewT:
    """Let `view`, which redirects when it has made something, answer the same form as before.

    Everything of the answer is decided in one transaction: of two that come at the same instant
    the second waits, and is then led to what the first has made.
    """

    @wraps(view)
    def wrapper(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.method != "POST" or DRAWN_FOR_EACH_PAGE not in request.POST:
            return view(request, *args, **kwargs)
        with transaction.atomic():
            sent, is_new = sent_forms.claim(_digest(request), by=cast(User, request.user))
            if is_new:
                response = view(request, *args, **kwargs)
                sent_forms.settle(sent, _led_to(response))
                return response
        messages.info(request, _("That form was already submitted. Nothing was created twice."))
        return HttpResponseRedirect(sent.led_to)

    return cast(ViewT, wrapper)


def _led_to(response: HttpResponse) -> str:
    return response.url if isinstance(response, HttpResponseRedirect) else ""


def _digest(request: HttpRequest) -> str:
    """Return what is the same for the same form sent by the same page, and for nothing else."""
    sent = json.dumps([request.path, sorted(request.POST.lists())])
    digest = hashlib.sha256(sent.encode())
    for name in sorted(request.FILES):
        digest.update(name.encode())
        for file in request.FILES.getlist(name):
            for chunk in file.chunks():
                digest.update(chunk)
            file.seek(0)
    return digest.hexdigest()
