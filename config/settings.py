"""All settings, read from the environment, safe when nothing is set (.env.example lists them)."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from config import domains, secret_key
from config.development import embedded_postgres
from config.web import logs

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
env.read_env(BASE_DIR / ".env")

VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var"))).resolve()

# --- Where it runs -------------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
PORT = env.int("PORT", default=8000)
# The address that people type. Links in e-mails use it, never the Host header of a request.
BASE_URL = env.str("BASE_URL", default=f"http://localhost:{PORT}").rstrip("/")
HTTPS = BASE_URL.startswith("https://")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[urlsplit(BASE_URL).hostname or "localhost"])
if DEBUG:
    ALLOWED_HOSTS += ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

SECRET_KEY = env.str("SECRET_KEY", default="")
if DEBUG and not SECRET_KEY:
    SECRET_KEY = secret_key.for_development(VAR_DIR / "secret_key")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

# How many proxies of ours are in front and add themselves to X-Forwarded-For.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
# Only for a proxy that removes the header from what clients send, for example X-Forwarded-Proto.
if PROXY_HEADER := env.str("SECURE_PROXY_SSL_HEADER", default=""):
    SECURE_PROXY_SSL_HEADER = (f"HTTP_{PROXY_HEADER.upper().replace('-', '_')}", "https")

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

# --- What it consists of -------------------------------------------------------------------------

INSTALLED_APPS = [
    "config.apps.ConfigConfig",
    "config.development",
    "accounts",
    "hierarchy",
    "unfold.apps.BasicAppConfig",  # its own site would take the place of ours
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "config.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.forms",
    "guardian",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "csp",
    "procrastinate.contrib.django",
]

# The outer ones put their headers on whatever the inner ones answer: static files, redirects and
# refusals included. docs/decisions/headers-on-every-answer.md tells what each place is for.
MIDDLEWARE = [
    "config.web.middleware.request_context",
    "config.web.middleware.security_headers",
    "config.web.middleware.private_pages",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.web.outage.database_outage",
    "config.web.health.health",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.web.compression.CompressText",
    "config.web.edge.refuse_odd_requests",
    "accounts.sealed_sessions.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.web.session_life.session_life",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.web.htmx.whole_page_redirects",
    "accounts.middleware.personal_preferences",
    "hierarchy.home.middleware.view_as_a_role",
    "hierarchy.home.middleware.Refusals",
]
if DEBUG:
    MIDDLEWARE.insert(
        MIDDLEWARE.index("config.web.edge.refuse_odd_requests"),
        "config.web.errors.own_not_found_page",
    )

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "environment": "config.jinja.environment",
            "context_processors": [
                "config.jinja.csrf",
                "django.contrib.messages.context_processors.messages",
            ],
            "strict": DEBUG,
            "pieces": {
                "node_mark": "hierarchy.console.marks.node_mark",
                "node_url": "hierarchy.console.navigation.node_url",
            },
            "filters": {
                "ancestors": "hierarchy.console.marks.ancestors",
                "in_full": "accounts.emails.in_full",
                "intcomma": "django.contrib.humanize.templatetags.humanize.intcomma",
                "linebreaks": "django.template.defaultfilters.linebreaks_filter",
                "linebreaksbr": "django.template.defaultfilters.linebreaksbr",
                "truncatechars": "django.template.defaultfilters.truncatechars",
                "urlencode": "django.template.defaultfilters.urlencode",
                "urlize": "django.template.defaultfilters.urlize",
                "who": "hierarchy.console.marks.who",
            },
        },
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "config.unindented_templates.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.navigation.account_navigation",
            ],
        },
    },
]
FORM_RENDERER = "config.forms.Renderer"

# --- Where it keeps things -----------------------------------------------------------------------

EMBEDDED_DATA = VAR_DIR / "pg18"
USES_EMBEDDED_POSTGRES = not env.str("DATABASE_URL", default="")
EMBEDDED_POSTGRES_ALLOWED = DEBUG or env.bool("EMBEDDED_POSTGRES", default=False)

# A page that waits longer has failed; migrations may need 0, which means no limit.
STATEMENT_TIMEOUT_SECONDS = env.int("STATEMENT_TIMEOUT_SECONDS", default=15)
_SESSION_PARAMETERS = {
    "statement_timeout": f"{STATEMENT_TIMEOUT_SECONDS}s",
    "lock_timeout": "3s",
    "idle_in_transaction_session_timeout": "30s",
}
# The service connects as a role that can't change tables, `migrate` as the one that owns them.
if USES_EMBEDDED_POSTGRES:
    _service_url = embedded_postgres.url(EMBEDDED_DATA, role=embedded_postgres.SERVICE_ROLE)
    _owner_url = embedded_postgres.url(EMBEDDED_DATA)
else:
    _service_url = env.str("DATABASE_URL")
    _owner_url = env.str("MIGRATION_DATABASE_URL", default="")
DATABASES = {"default": env.db_url_config(_service_url)}
MIGRATION_DATABASE = env.db_url_config(_owner_url) if _owner_url else {}
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["OPTIONS"] = {
    "connect_timeout": 3,
    "tcp_user_timeout": 5_000,  # milliseconds without an answer before a network is given up
    "application_name": "canopy",
    "options": " ".join(f"-c {name}={value}" for name, value in _SESSION_PARAMETERS.items()),
    **DATABASES["default"].get("OPTIONS", {}),
}

# Rate limits count here, so every process must see the same counts.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "config.web.bundles.BundleFinder",
]
MEDIA_URL = "media/"  # never served by path: views check access first
MEDIA_ROOT = VAR_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_000
DATA_UPLOAD_MAX_NUMBER_FILES = 5

# --- Mail ----------------------------------------------------------------------------------------

MAIL_ENABLED = env.str("MAIL", default="on").lower() != "off"
DEFAULT_FROM_EMAIL = SERVER_EMAIL = domains.sender_in_ascii(
    env.str("DEFAULT_FROM_EMAIL", default=f"Canopy <canopy@{urlsplit(BASE_URL).hostname}>")
)
EMAIL_TIMEOUT = 10
if DEBUG and not env.str("EMAIL_URL", default=""):
    # The page /dev/mail/ shows what lies here.
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = VAR_DIR / "mail"
else:
    vars().update(env.email_url("EMAIL_URL", default="smtp://localhost:25"))
if not MAIL_ENABLED:
    EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

# --- Jobs ----------------------------------------------------------------------------------------

# Tasks live in <app>/tasks.py. A job that succeeded leaves nothing behind; a failed one stays
# for a month.
WORKER_DEAD_SECONDS = env.float("WORKER_DEAD_SECONDS", default=30.0)
PROCRASTINATE_WORKER_DEFAULTS = {
    "concurrency": env.int("WORKER_CONCURRENCY", default=4),
    "delete_jobs": "successful",
    "shutdown_graceful_timeout": 20,
    "update_heartbeat_interval": WORKER_DEAD_SECONDS / 3,
    "stalled_worker_timeout": WORKER_DEAD_SECONDS,
}

# --- Who someone is ------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "hierarchy.backend.HierarchyBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
_VALIDATORS = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": f"{_VALIDATORS}.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "first_name", "last_name")},
    },
    {"NAME": f"{_VALIDATORS}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_VALIDATORS}.CommonPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 60 * 60

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"

ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "add_email": "accounts.forms.AddEmailForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "confirm_email_verification_code": "accounts.forms.CodeForm",
    "login": "accounts.forms.LoginForm",
    "reauthenticate": "accounts.forms.ReauthenticateForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.forms.ResetPasswordKeyForm",
    "set_password": "accounts.forms.SetPasswordForm",
    "signup": "accounts.forms.SignupForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
# Without mail only invited people sign up, whose link is the proof (copied-links.md).
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if MAIL_ENABLED else "none"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = MAIL_ENABLED
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_CHANGE_EMAIL = True  # one address, and the new one counts once it is verified
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "accounts.reset_tokens.ResetTokens"  # noqa: S105
ACCOUNT_SESSION_REMEMBER = True  # config.web.session_life decides how long
ACCOUNT_RATE_LIMITS = {  # where they differ from allauth's
    "change_password": "10/30m/user",
    "login_failed": "20/5m/ip,5/30m/key",
    "reauthenticate": "10/30m/user",
    "reset_password": "30/h/ip,5/h/key",
}
MFA_ADAPTER = "accounts.mfa_adapter.SecondFactorAdapter"
MFA_FORMS = {
    "add_webauthn": "accounts.passkeys.AddForm",
    "authenticate_webauthn": "accounts.passkeys.AuthenticateForm",
    "edit_webauthn": "accounts.passkeys.EditForm",
    "login_webauthn": "accounts.passkeys.LoginForm",
    "reauthenticate_webauthn": "accounts.passkeys.ReauthenticateForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"  # a key that anyone can touch proves nobody
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG  # browsers trust http://localhost with passkeys
USERSESSIONS_TRACK_ACTIVITY = False  # config.web.session_life does it, every few minutes

# guardian: only its tables with direct foreign keys, only through hierarchy.access.
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False
GUARDIAN_MONKEY_PATCH_GROUP = False
SILENCED_SYSTEM_CHECKS = [
    "guardian.W001",  # HierarchyBackend is built on guardian's own backend and replaces it
]

# --- Cookies and sessions ------------------------------------------------------------------------

# A name that starts with __Host- binds the cookie to this host, to HTTPS and to the whole site.
_COOKIE_PREFIX = "__Host-" if HTTPS else ""
SESSION_ENGINE = "accounts.sealed_sessions"
SESSION_COOKIE_NAME = f"{_COOKIE_PREFIX}session"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_IDLE_SECONDS = int(env.float("SESSION_IDLE_HOURS", default=8.0) * 60 * 60)
SESSION_COOKIE_AGE = env.int("SESSION_DAYS", default=14) * 24 * 60 * 60  # whatever the activity
CSRF_COOKIE_NAME = f"{_COOKIE_PREFIX}csrf"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "config.web.errors.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- Headers -------------------------------------------------------------------------------------

SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31_536_000 if HTTPS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("HSTS_INCLUDE_SUBDOMAINS", default=True)
SECURE_HSTS_PRELOAD = env.bool("HSTS_PRELOAD", default=True)
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}
_POWERFUL_FEATURES = (
    "accelerometer",
    "autoplay",
    "browsing-topics",
    "camera",
    "display-capture",
    "encrypted-media",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "serial",
    "usb",
    "xr-spatial-tracking",
)
PERMISSIONS_POLICY: dict[str, list[str]] = {feature: [] for feature in _POWERFUL_FEATURES}

# --- Language and time ---------------------------------------------------------------------------

LANGUAGE_CODE = "en"
FORMAT_MODULE_PATH = ["config.formats"]
LANGUAGES = [("en", _("English"))]
TIME_ZONE = "UTC"
USE_TZ = True

# --- The staff admin -----------------------------------------------------------------------------

UNFOLD = {  # the rest of its look and navigation: config.admin_site
    "SITE_TITLE": "Canopy staff",
    "SITE_HEADER": "Canopy",
    "SITE_SUBHEADER": _("Staff admin"),
    "SITE_URL": None,
    "SHOW_HISTORY": False,  # Django's own log entries: our record are audit events
    "BORDER_RADIUS": "6px",
    "DASHBOARD_CALLBACK": "hierarchy.staff.admin.dashboard.context",
    "SIDEBAR": {
        "show_search": True,
        "command_search": True,
        "navigation": "config.admin_site.navigation",
    },
}

# --- Rules of the product ------------------------------------------------------------------------

SIGNUP = env.str("SIGNUP", default="open")  # "open", or "invited" for invited people only
INVITATION_DAYS = env.int("INVITATION_DAYS", default=7)  # 1 to 30
TRASH_DAYS = 30
KEEP_DAYS = env.int("KEEP_DAYS", default=90)  # mails that were sent, devices signed out
RECOVERY_DAYS = env.int("RECOVERY_DAYS", default=7)  # 1 to 30: how long people may object

# Whom to ask about e-mail domains, address or address:port; this machine's own unless set.
DNS_RESOLVERS = env.list("DNS_RESOLVERS", default=[])
DNS_TIMEOUT_SECONDS = env.float("DNS_TIMEOUT_SECONDS", default=5.0)

# --- Logs ----------------------------------------------------------------------------------------

LOGGING = logs.configuration(readable=DEBUG)
