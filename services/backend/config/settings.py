"""Django's settings, read once from the environment through `config.env`."""

import logging
import os
import socket
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from config import addresses, sentinel, unfold
from config.env import Environment, EnvironmentRefusedError
from config.logging import logging_settings
from config.modules import OPTIONAL
from config.queues import SHARED_QUEUES, routes
from config.queues import WORKER_TYPES as TYPES

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment(os.environ)

# --- Security -----------------------------------------------------------------------------------------------------
SECRET_KEY = env.secret("SECRET_KEY")
DEBUG = env.boolean("DEBUG", default=False)
ALLOWED_HOSTS = env.items("ALLOWED_HOSTS", default=("localhost", "127.0.0.1", "[::1]"))
CSRF_TRUSTED_ORIGINS = env.items("CSRF_TRUSTED_ORIGINS")
# True behind HTTPS; False by default because `make up` serves plain http on loopback.
SECURE_COOKIES = env.boolean("SECURE_COOKIES", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_COOKIES else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE_COOKIES else None
# The proxy that ends HTTPS redirects to it (W008); subdomains and the preload list are the domain owner's to decide.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

# --- Applications -------------------------------------------------------------------------------------------------
# Each once and in the same order, however they are given.
MODULES = sorted({*env.items("MODULES", default=OPTIONAL, choices=OPTIONAL)}, key=OPTIONAL.index)
MODULES_OFF = [module for module in OPTIONAL if module not in MODULES]
INSTALLED_APPS = [
    "unfold",
    # Simple: only the web process, in config.urls, loads the admin pages.
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_celery_beat",
    "django_celery_results",
    "core.organisations",
    "core.audit",
    "core.schedules",
    "core.runs",
    "core.effects",
    "core.sweep",
    "core.heartbeat",
    "core.overview",
    "core.health",
    "core.metrics",
    "core.deployment",
    "core.demo",
    *(f"apps.{module}" for module in MODULES),
]
MIDDLEWARE = [
    "config.requests.RequestLogMiddleware",
    "core.health.middleware.ProbeMiddleware",
    "core.refusals.NotAllowedMiddleware",
    "core.refusals.StillUsedMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
UNFOLD = unfold.SETTINGS
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

# --- Storage ------------------------------------------------------------------------------------------------------
NODE_NAME = env.text("NODE_NAME", default=socket.gethostname())
DATABASES: dict[str, dict[str, Any]] = {"default": addresses.database(env, application=NODE_NAME)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL, BROKER = addresses.redis_roles(env)
CELERY_BROKER_URL, SENTINEL_OPTIONS = sentinel.for_kombu(BROKER)

# --- Static files, language, time ---------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR.parent.parent / "static"
STATICFILES_DIRS: list[Any] = [
    BASE_DIR / "config" / "static",
    # The API's own page. Not by INSTALLED_APPS: that imports pydantic, 12 MB more in the worker and in beat (measured).
    ("ninja", distribution("django-ninja").locate_file("ninja/static/ninja")),
]
# Every page asks for the hashed names; a second copy would only make the image larger.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        # The development server has no collected files to look a hash up in.
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
LANGUAGE_CODE = "en-gb"
USE_I18N = False
FORMAT_MODULE_PATH = "config.formats"
USE_TZ = True
TIME_ZONE = "UTC"

# --- Celery: values and reasons in docs/architecture.md, "Messages are hints" -----------------------------------------
RESULTS = env.text("CELERY_RESULT_BACKEND", default="django-db")
# The runs are the record; Celery reads them through a backend that is django-db for every other task.
CELERY_RESULT_BACKEND = "core.runs.results:RunBackend" if RESULTS == "django-db" else RESULTS
CELERY_RESULT_EXTENDED = True
CELERY_TIMEZONE = env.text("CELERY_TIMEZONE", default="UTC")
CELERY_ENABLE_UTC = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_RESULT_SERIALIZER = "json"
CELERY_TASK_TRACK_STARTED = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = env.integer("CELERY_TASK_TIME_LIMIT", default=1800, minimum=1)
CELERY_TASK_SOFT_TIME_LIMIT = env.integer("CELERY_TASK_SOFT_TIME_LIMIT", default=1500, minimum=1)
CELERY_WORKER_CONCURRENCY = env.integer("CELERY_CONCURRENCY", default=2, minimum=1)
CELERY_WORKER_PREFETCH_MULTIPLIER = env.integer("CELERY_PREFETCH", default=1, minimum=1)
CELERY_WORKER_MAX_TASKS_PER_CHILD = env.integer("CELERY_MAX_TASKS_PER_CHILD", default=1000, minimum=1)
# Handed to the worker by its script, as `--queues`; read here so that a wrong name stops the start. Not CELERY_QUEUES:
# Celery would take that for its own old setting.
WORKER_QUEUES = env.items("CELERY_QUEUES", choices=SHARED_QUEUES)
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Off: a lost connection lets the running task finish instead of killing it and leaving its message behind.
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_POOL_ACQUIRE_TIMEOUT = 5
CELERY_VISIBILITY_SECONDS = env.integer("CELERY_VISIBILITY_SECONDS", default=1920, minimum=1)
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": CELERY_VISIBILITY_SECONDS,
    "socket_timeout": 5,
    "socket_connect_timeout": 5,
    "socket_keepalive": True,
    "health_check_interval": 10,
    "retry_on_timeout": True,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "priority_steps": [0],
    "client_name": NODE_NAME,
    **SENTINEL_OPTIONS,
}
CELERY_BEAT_SCHEDULER = "core.schedules.scheduler:SlotScheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 5
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = routes(MODULES)
# Read by the schedule linter: every queue that is used has a type of worker that takes it.
WORKER_TYPES = TYPES
DJANGO_CELERY_BEAT_TZ_AWARE = True

# --- What leaves the product ----------------------------------------------------------------------------------------
EMAIL_HOST = env.text("EMAIL_HOST", default="")
EMAIL_USE_SSL = env.boolean("EMAIL_USE_SSL", default=False)
EMAIL_USE_TLS = env.boolean("EMAIL_USE_TLS", default=not EMAIL_USE_SSL)
if EMAIL_USE_TLS and EMAIL_USE_SSL:
    raise EnvironmentRefusedError("EMAIL_USE_TLS and EMAIL_USE_SSL are both on: keep the one that your server speaks.")
EMAIL_PORT = env.integer("EMAIL_PORT", default=465 if EMAIL_USE_SSL else 587 if EMAIL_USE_TLS else 25, minimum=1)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", default="")
EMAIL_HOST_PASSWORD = env.secret("EMAIL_HOST_PASSWORD", required=False)
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("EMAIL_FROM_ADDRESS", default="")
WEBHOOK_SECRET = env.secret("WEBHOOK_SECRET", required=False)
WEBHOOK_ALLOW_PRIVATE = env.networks("WEBHOOK_ALLOW_PRIVATE")
EFFECTS_CA_FILE = env.file("EFFECTS_CA_FILE")
ALERT_EMAIL = env.items("ALERT_EMAIL")
ALERT_WEBHOOK = env.url("ALERT_WEBHOOK", schemes=("https", "http"))

# --- The product ----------------------------------------------------------------------------------------------------
TICKET_ARCHIVE_AFTER_HOURS = env.integer("TICKET_ARCHIVE_AFTER_HOURS", default=24)
PRICE_SNAPSHOT_RETENTION_DAYS = env.integer("PRICE_SNAPSHOT_RETENTION_DAYS", default=90)
PRICE_HISTORY_RETENTION_DAYS = env.integer("PRICE_HISTORY_RETENTION_DAYS", default=400)
RUN_RETENTION_DAYS = env.integer("RUN_RETENTION_DAYS", default=30, minimum=1)
RUN_FAILED_RETENTION_DAYS = env.integer("RUN_FAILED_RETENTION_DAYS", default=90, minimum=1)
METRICS_TOKEN = env.secret("METRICS_TOKEN", required=False)
HEARTBEAT_FILE = Path(env.text("HEARTBEAT_FILE", default="/run/deskbeat/heartbeat"))
HEARTBEAT_INTERVAL_SECONDS = env.integer("HEARTBEAT_INTERVAL_SECONDS", default=10, minimum=1)

# --- Logs -----------------------------------------------------------------------------------------------------------
LOGGING = logging_settings(
    level=env.choice("LOG_LEVEL", default="INFO", choices=("DEBUG", "INFO", "WARNING", "ERROR")),
    form=env.choice("LOG_FORMAT", default="auto", choices=("auto", "json", "plain")),
)
logging.captureWarnings(True)
