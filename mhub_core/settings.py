"""Every setting of the hub, declared once: name, default, help. The only place that reads the environment.

Pure standard library, so that the launcher can import it before anything is installed.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Setting:
    """One setting: its environment variable, its default as text, and a sentence for people."""

    name: str
    default: str
    help: str


SETTINGS: tuple[Setting, ...] = (
    Setting("MHUB_HOME", "data", "Folder for all state: database, files, secrets, logs. Relative to the checkout."),
    Setting("MHUB_PORT", "8501", "Port of the web server."),
    Setting("MHUB_HOST", "127.0.0.1", "Address the web server listens on; 0.0.0.0 for a lab."),
    Setting(
        "MHUB_WEB",
        "1",
        "Number of web processes that `./mhub up` starts, with HAProxy in front of them where it is installed. For more than "
        "about 100 browsers: one for each processor core.",
    ),
    Setting(
        "MHUB_ALLOWED_HOSTS",
        "",
        "Host names under which browsers may open the hub, besides localhost and MHUB_HOST, separated by "
        "commas. Empty with MHUB_HOST=0.0.0.0: any name.",
    ),
    Setting(
        "MHUB_ADDRESS",
        "",
        "Address under which people open the hub, such as https://mhub.school.edu, for links in e-mails and for signing in with "
        "other providers. Empty: http:// with MHUB_HOST and MHUB_PORT.",
    ),
    Setting("MHUB_WORKERS", "1", "Number of training workers that `./mhub up` starts."),
    Setting("DATABASE_URL", "", "SQLAlchemy URL, such as postgresql://user:password@host/mhub. Empty: SQLite in the home."),
    Setting("REDIS_URL", "", "URL of a Redis or Valkey server. Empty: an embedded one in the home."),
    Setting(
        "STORAGE_URL",
        "",
        "Where files are stored: file:///srv/mhub, or s3://bucket/prefix?endpoint=https://host:9000&region=us-east-1 "
        "(without an endpoint, Amazon's S3). Empty: a folder in the home.",
    ),
    Setting("AWS_ACCESS_KEY_ID", "", "Name of the account that reads and writes files on S3."),
    Setting("AWS_SECRET_ACCESS_KEY", "", "Secret of that account."),
    Setting(
        "MHUB_CACHE_MB",
        "20000",
        "Maximum size of copies of S3 files and of large arrays made of tables and images, on each machine, in megabytes; "
        "those used in the last ten minutes always stay. A dataset whose images take more when they are unpacked is refused.",
    ),
    Setting(
        "MHUB_MAX_TABS",
        "800",
        "Maximum number of browser tabs open at once in each web process; each takes about a megabyte there.",
    ),
    Setting(
        "MHUB_MAX_TABS_PER_ADDRESS",
        "400",
        "Maximum number of tabs from one IP address in each web process; a school often has only one address.",
    ),
    Setting(
        "MHUB_TRUSTED_PROXIES",
        "",
        "IP addresses or networks of proxies in front of the hub, separated by commas, such as 127.0.0.1 for one on the same "
        "machine; only they may state the client's address (X-Forwarded-For). Empty: nobody.",
    ),
    Setting("MHUB_SECRET_KEY", "", "Key that signs one-time tickets. Empty: created at the first start and kept in the home."),
    Setting(
        "MHUB_SIGN_UP",
        "open",
        "Who may make an account: open (everyone who reaches the hub), invited (people with a link of an administrator) "
        "or closed (nobody). The first account can always be made. Set here, it wins over the page Administration.",
    ),
    Setting(
        "MHUB_EMAIL_DOMAINS",
        "",
        "Domains whose e-mail addresses may have an account, separated by commas, such as school.edu. Empty: what the page "
        "Administration says, at first any.",
    ),
    Setting(
        "MHUB_SMTP_URL",
        "",
        "Mail server through which the hub sends e-mail, such as smtp://user:password@mail.school.edu:587 or "
        "smtps://mail.school.edu. Empty: the hub sends none.",
    ),
    Setting(
        "MHUB_MAIL_FROM", "", "From whom the hub's e-mails come, such as M-Hub <mhub@school.edu>; needed with MHUB_SMTP_URL."
    ),
    Setting("MHUB_GOOGLE_ID", "", "Client ID of the hub at Google, for signing in with Google accounts. Empty: no such button."),
    Setting("MHUB_GOOGLE_SECRET", "", "Client secret that belongs to it."),
    Setting("MHUB_GITHUB_ID", "", "Client ID of the hub at GitHub, for signing in with GitHub accounts. Empty: no such button."),
    Setting("MHUB_GITHUB_SECRET", "", "Client secret that belongs to it."),
    Setting(
        "MHUB_OIDC_ISSUER",
        "",
        "Address of an OpenID Connect provider, such as https://login.school.edu, for signing in with the accounts of a school "
        "or a firm. Empty: no such button.",
    ),
    Setting("MHUB_OIDC_ID", "", "Client ID of the hub at that provider."),
    Setting("MHUB_OIDC_SECRET", "", "Client secret that belongs to it."),
    Setting("MHUB_SESSION_DAYS", "30", "Days of inactivity after which a sign-in expires."),
    Setting("MHUB_MAX_UPLOAD_MB", "2048", "Maximum size of one upload, in megabytes."),
    Setting(
        "MHUB_QUOTA_MB",
        "20000",
        "Maximum size of one person's files, in megabytes; an administrator can change it for a person.",
    ),
    Setting("MHUB_DISK_RESERVE_MB", "1000", "Disk space that new data must leave free for runs and the database, in megabytes."),
    Setting(
        "MHUB_OPEN_DATA",
        "false",
        "true: all datasets are public for good. Nobody can make one private, and those that are private become public at the "
        "next start. false: the owner of a dataset decides.",
    ),
    Setting("MHUB_SOURCE_SECONDS", "1800", "Maximum time for fetching data from the web, S3 or a database, in seconds."),
    Setting(
        "MHUB_SOURCE_MIN_KB",
        "1",
        "Minimum speed of a file from the web or S3, in kilobytes per second over 30 seconds; what is slower is ended.",
    ),
    Setting(
        "MHUB_SOURCE_NETWORKS",
        "",
        "Networks from which people may fetch data besides the public internet, separated by commas, such as 10.20.0.0/16 for "
        "the servers of a school. Whoever has an account can read from them what the hub can. Empty: none.",
    ),
    Setting(
        "MHUB_SOURCE_FOLDER",
        "",
        "Folder whose SQLite files everyone with an account may query. It must not hold the hub's own files. Empty: none.",
    ),
    Setting("MHUB_MAX_IMAGES", "200000", "Maximum number of images in one dataset."),
    Setting("MHUB_MAX_ROWS", "20000000", "Maximum number of rows in one table."),
    Setting("MHUB_MAX_COLUMNS", "2000", "Maximum number of columns in one table."),
    Setting("MHUB_PREPARE_MEMORY_MB", "4096", "Maximum memory for preparing one dataset, in megabytes."),
    Setting("MHUB_MAX_PARAMETERS", "50000000", "Maximum number of parameters of a model."),
    Setting("MHUB_MAX_EPOCHS", "10000", "Maximum number of epochs of one run."),
    Setting("MHUB_MAX_RUN_HOURS", "24", "Hours after which a run is stopped; the model learned so far is tested and saved."),
    Setting("MHUB_MAX_ATTEMPTS", "3", "Maximum number of attempts of a run, counting restarts after its worker died."),
    Setting("MHUB_LEASE_SECONDS", "20", "Seconds without a heartbeat after which a run is taken from its worker."),
    Setting("MHUB_ACTIVE_RUNS_PER_USER", "20", "Maximum number of queued and running runs of one person."),
)
_BY_NAME = {setting.name: setting for setting in SETTINGS}


def text(name: str) -> str:
    """Return the value of a setting: from the environment, else from `.env`, else its default.

    Raises KeyError for a name that is not declared above.
    """
    setting = _BY_NAME[name]
    return os.environ.get(name) or setting.default


def is_set(name: str) -> bool:
    """Tell whether the environment or `.env` says a setting, rather than its default."""
    return bool(os.environ.get(_BY_NAME[name].name))


def number(name: str) -> int:
    """Return a setting as a whole number. Raises ValueError that names the setting."""
    value = text(name)
    try:
        return int(value)
    except ValueError:
        raise ValueError(f"The setting {name} is {value!r}; it must be a whole number.") from None


def choice(name: str, options: Sequence[str]) -> str:
    """Return a setting that is one of some words. Raises ValueError that names the setting."""
    value = text(name).strip().lower()
    if value not in options:
        raise ValueError(f"The setting {name} is {value!r}; it must be one of: {', '.join(options)}.")
    return value


def has_open_data() -> bool:
    """Tell whether all datasets are public for good. Raises ValueError as `choice` does."""
    return choice("MHUB_OPEN_DATA", ("true", "false")) == "true"


def load_env_file(path: Path = ROOT / ".env") -> None:
    """Put `NAME=value` lines of a file into the environment; what is set there already wins."""
    if not path.is_file():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        name, separator, value = line.partition("=")
        if separator and not name.lstrip().startswith("#"):
            os.environ.setdefault(name.strip(), value.strip().strip("\"'"))


def home() -> Path:
    """Return the folder of all state, as an absolute path. It need not exist yet."""
    return _absolute(text("MHUB_HOME"))


@cache
def _absolute(folder: str) -> Path:
    return (ROOT / Path(folder).expanduser()).resolve()  # which asks the disk for every part of the path


def address() -> str:
    """Return under which address people open the hub, without a slash at its end; empty where nothing says it."""
    named, host = text("MHUB_ADDRESS").strip().rstrip("/"), text("MHUB_HOST")
    if named or host in ("0.0.0.0", "::"):
        return named
    return f"http://{f'[{host}]' if ':' in host else host}:{text('MHUB_PORT')}"


def require_address(needed_by: str) -> str:
    """Return `address()`. Raises ValueError that names the setting when it is missing or no address of a hub."""
    scheme, _, rest = address().partition("://")
    if scheme not in ("http", "https") or not rest or not all(letter.isalnum() or letter in ".-:[]" for letter in rest):
        expected = "the address under which people open the hub, such as https://mhub.school.edu"
        raise ValueError(f"The setting {needed_by} needs MHUB_ADDRESS, which is {text('MHUB_ADDRESS')!r}; it must be {expected}.")
    return address()


def database_url() -> str:
    """Return the SQLAlchemy URL of the database. PostgreSQL is spoken to through psycopg2, however the URL is written."""
    scheme, separator, rest = text("DATABASE_URL").partition("://")
    if scheme in ("postgres", "postgresql"):
        scheme = "postgresql+psycopg2"
    return scheme + separator + rest or f"sqlite:///{home() / 'mhub.sqlite'}"


def broker_socket() -> Path:
    """Return the unix socket of the embedded broker.

    A socket path holds 108 bytes at most, so a deep home gets one in the temporary folder, named by the home.
    """
    path = home() / "broker.sock"
    if len(os.fsencode(path)) < 100:
        return path
    import hashlib
    import tempfile

    digest = hashlib.sha256(os.fsencode(home())).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"mhub-{os.getuid()}-{digest}.sock"


def redis_url() -> str:
    """Return the URL of the broker."""
    return text("REDIS_URL") or f"unix://{broker_socket()}"


def storage_url() -> str:
    """Return the URL of the file store."""
    return text("STORAGE_URL") or f"file://{home() / 'blobs'}"


def secret_key() -> str:
    """Return the key that signs tickets, made on first use (mode 600)."""
    if text("MHUB_SECRET_KEY"):
        return text("MHUB_SECRET_KEY")
    import secrets

    path = home() / "secret.key"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
    except FileExistsError:
        pass
    return path.read_text().strip()


def page() -> str:
    """Return the page of the documentation that lists every setting."""
    lines = [
        f"| `{setting.name}` | {f'`{setting.default}`' if setting.default else 'empty'} | {setting.help} |"
        for setting in SETTINGS
    ]
    head = "Set them in the environment, or as `NAME=value` lines in a file `.env` in the checkout.\n\n"
    head += "| Name | Default | What it is |\n| --- | --- | --- |\n"
    made = "This page is made by `python -m mhub_core.settings` from `mhub_core/settings.py`."
    return f"# Settings\n\n{made}\n{head}" + "\n".join(lines) + "\n"


if __name__ == "__main__":
    (ROOT / "docs" / "settings.md").write_text(page(), encoding="utf-8")
