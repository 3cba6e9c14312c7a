"""The design system on three pages, served to the browser tests alone: every piece, every state."""

import json
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import render
from django.template import engines
from django.urls import include, path

from accounts.fields import EmailField
from accounts.models import User
from config.urls import handler400, handler403, handler404, handler500  # noqa: F401
from hierarchy.console import drawings

TEMPLATES = Path(__file__).parent / "templates"


class KitForm(forms.Form):
    name = forms.CharField(help_text="Shown to the people you invite.")
    email = EmailField(label="E-mail", required=False)
    zone = forms.ChoiceField(label="Time zone", choices=[("UTC", "UTC"), ("Rome", "Europe/Rome")])
    about = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False)
    signals = forms.BooleanField(label="Honour opt-out signals", help_text="Sec-GPC and DNT.")
    role = forms.ChoiceField(
        choices=[("manager", "Manager"), ("viewer", "Viewer")],
        widget=forms.RadioSelect,
        help_text="What they may do here.",
    )
    locales = forms.MultipleChoiceField(
        choices=[("en", "English"), ("it", "Italian")], widget=forms.CheckboxSelectMultiple
    )
    logo = forms.FileField(required=False)
    fixed = forms.CharField(disabled=True, initial="Can't be changed", required=False)


def grace():
    return User(email="grace@example.com", first_name="Grace", last_name="Hill", is_staff=True)


def people():
    names = ("Ada", "Linus", "Margaret", "Dennis", "Barbara", "Ken", "Radia", "Guido")
    return [User(email=f"{name.lower()}@example.com", first_name=name) for name in names]


def tree():
    def application(name, environment):
        return drawings.Node(name, "/kit/", environment, note=environment.title())

    shop = [application("Web shop", "production"), application("Web shop", "staging")]
    more = [application("A very long name of an application", "development")]
    workspaces = [
        drawings.Node("Retail", "/kit/", "workspace", shop),
        drawings.Node("Logistics", "/kit/", "workspace", more),
        drawings.Node("and 12 more", "", "more"),
    ]
    return drawings.tree(drawings.Node("Acme", "/kit/", "organization", workspaces))


def navigation():
    def item(label, icon, go="", current=False):
        return SimpleNamespace(label=label, url="/kit/", icon=icon, go=go, is_current=current)

    pages = [
        item("Overview", "layout-dashboard", "o"),
        item("Members", "users", "m", current=True),
        item("Activity", "scroll-text", "a"),
        item("Settings", "settings", "s"),
    ]
    applications = [item("Web shop", "globe"), item("Mobile", "smartphone")]
    return SimpleNamespace(
        breadcrumbs=[("Acme", "/kit/"), ("Retail", "/kit/"), ("Web shop", "/kit/")],
        sections=[
            SimpleNamespace(title="Application", items=pages),
            SimpleNamespace(title="Applications", items=applications),
        ],
        switcher_url="/kit/switcher/",
        current_label="Web shop",
        current_kind="application",
    )


def _render(request, name, **context):
    template = engines["jinja2"].from_string((TEMPLATES / name).read_text())
    return HttpResponse(template.render(context, request))


@login_not_required
def kit(request):
    request.user = grace()
    messages.success(request, "Time zone changed to Europe/Rome")
    messages.error(request, "The invitation could not be sent")
    form = KitForm({"name": "Acme", "email": "nobody"} if "errors" in request.GET else None)
    node = SimpleNamespace(
        level="application",
        platform="web",
        environment=request.GET.get("environment", "production"),
        get_environment_display=lambda: "Production",
        suspended_by=SimpleNamespace(name="Retail"),
    )
    return _render(
        request,
        "kit.html",
        form=form,
        node=node,
        can={},
        navigation=navigation(),
        people=people(),
        now=datetime(2026, 3, 4, 15, 6, 7, tzinfo=UTC),
        tree=tree(),
        chart=drawings.chart([(f"{day} May", day * day % 23) for day in range(1, 31)], "Sign-ins"),
        tabs=[("Security", "/kit/", True), ("Privacy", "/kit/", False)],
    )


@login_not_required
def members(request):
    request.user = grace()
    shown = [] if request.GET.get("q") else people()
    return _render(
        request, "members.html", navigation=navigation(), people=shown, q=request.GET.get("q", "")
    )


@login_not_required
def more(request):
    return _render(request, "more.html", people=[User(email="more@example.com")])


@login_not_required
def entrance(request):
    return _render(request, "entrance.html", form=KitForm())


@login_not_required
def switcher(request):
    if not request.htmx:
        return members(request)
    return HttpResponse('<h3>Organizations</h3><a href="/kit/">Acme</a><a href="/kit/">Globex</a>')


@login_not_required
def search(request):
    return HttpResponse('<ul><li><a href="/kit/members/">Retail</a></li></ul>')


@login_not_required
def dialog(request):
    if request.method == "POST":
        return HttpResponse("<h1>Rename</h1><p>Too short</p>", status=422)
    return HttpResponse(
        '<h1>Rename</h1><form hx-post="/kit/dialog/" hx-target="#dialog-body">'
        '<button class="button" type="submit">Save</button></form>'
    )


@login_not_required
def toast(request):
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps({"toast": "Ada is viewer"})})


@login_not_required
def error(request, status):
    context = {
        "request_id": "0123456789abcdef0123456789abcdef",
        "permission": "change_application",
        "permission_label": "change the application",
        "grantors": people()[:2],
        "reason": "Someone has changed this since you opened it." if status == "409" else "",
        "versions": [("Name", "Acme", "Acme Inc")],
    }
    return render(None, f"errors/{status}.html", context)


console = [
    path("", kit, name="home"),
    path("search/", search, name="search"),
]
urlpatterns = [
    path("kit/", kit),
    path("kit/members/", members),
    path("kit/more/", more),
    path("kit/entrance/", entrance),
    path("kit/switcher/", switcher),
    path("kit/dialog/", dialog),
    path("kit/toast/", toast),
    path("kit/errors/<status>/", error),
    path("", include((console, "console"))),
    path("", include("config.urls")),
]
