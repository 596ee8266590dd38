"""The one settings file. What differs between installations comes from `config.env`."""

from __future__ import annotations

import os
from pathlib import Path

from config import env as _env
from config.database import database_settings
from config.logs import logging_settings
from config.mail import mail_settings
from config.secrets import keep_secret

ENV = _env.read()
BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = ENV.data_dir.resolve()

SECRET_KEY = ENV.secret_key or keep_secret(DATA_DIR, "secret_key")
ENCRYPTION_KEYS = (ENV.encryption_keys or keep_secret(DATA_DIR, "encryption_keys")).split(",")
DEBUG = ENV.debug
ALLOWED_HOSTS = [host for host in ENV.allowed_hosts.split(",") if host]
CSRF_TRUSTED_ORIGINS = [origin for origin in ENV.trusted_origins.split(",") if origin]

# Lowest layer last: the order of `ARCHITECTURE.md`.
MODULES = [
    "zhike.operations",
    "zhike.sample_company",
    "zhike.administration",
    "zhike.integrations",
    "zhike.privacy",
    "zhike.sales",
    "zhike.ownership",
    "zhike.grading",
    "zhike.activities",
    "zhike.customers",
    "zhike.notes",
    "zhike.policy",
    "zhike.records",
    "zhike.notices",
    "zhike.search",
    "zhike.web",
    "zhike.history",
    "zhike.access",
    "zhike.staff",
    "zhike.kernel",
]
INSTALLED_APPS = [
    *MODULES,
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "pghistory",
    "pgtrigger",
    "procrastinate.contrib.django",
    "django_htmx",
]

# From the outside in. What a view raises becomes an answer innermost, so that the idempotency
# middleware around it sees its status.
MIDDLEWARE = [
    "zhike.operations.middleware.OperationsMiddleware",
    "zhike.web.middleware.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "zhike.web.middleware.SizeMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "zhike.staff.backends.PersonMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "zhike.web.middleware.PreferenceMiddleware",
    "zhike.web.middleware.SignInMiddleware",
    "zhike.administration.middleware.AccountMiddleware",
    "zhike.web.idempotency.IdempotencyMiddleware",
    "zhike.web.errors.ErrorMiddleware",
]
CSRF_FAILURE_VIEW = "zhike.web.errors.csrf_failed"

# Jobs: each module's `jobs.py`. A worker that is silent this long is dead, and others take up its jobs.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
JOB_HEARTBEAT_SECONDS = 5
JOB_STALLED_SECONDS = 15

LOGGING = logging_settings(ENV.log_level, readable=ENV.debug)

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "APP_DIRS": False,
        "DIRS": [BASE_DIR / module.replace(".", "/") / "templates" for module in MODULES],
        "OPTIONS": {"environment": "zhike.web.jinja.environment"},
    },
]

DATABASES = {"default": database_settings(os.environ.get("DATABASE_URL", ""), DATA_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "staff.User"
AUTHENTICATION_BACKENDS = ["zhike.staff.backends.StaffBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 2 * 3600
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"

# Database sessions: the cheapest that can be revoked at once.
SESSION_ENGINE = "zhike.staff.sessions"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENV.https
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 14 * 24 * 3600

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
USE_I18N = USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
MEDIA_ROOT = DATA_DIR / "files"
WHITENOISE_USE_FINDERS = True
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/dist/.+-[A-Z0-9]{8}\.\w+$"
WHITENOISE_AUTOREFRESH = DEBUG

SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENV.proxies else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31536000 if ENV.https else 0
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
MAX_UPLOAD_BYTES = ENV.max_upload_mb * 1024 * 1024

# Requests a token may make.
API_RATE = "1200/m"

DEFAULT_FROM_EMAIL = ENV.mail_from
MAIL_CONFIGURED = bool(ENV.smtp_url)
globals().update(mail_settings(ENV.smtp_url))
