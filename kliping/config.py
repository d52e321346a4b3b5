"""The settings: one typed object, read from `KLIPING_*` in the environment and from `kliping.toml`.

The environment overrides the file, and the file the defaults. The file is `kliping.toml` in the working folder, or the
one that `KLIPING_CONFIG` names.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Collection, Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

PRODUCT_TOKEN = "KlipingBot"
DEFAULT_CRON = "0 2 * * *"
_CLOCK = "(?:[01]?[0-9]|2[0-3]):[0-5][0-9]"


SETTINGS_FILE = "kliping.toml"

Seconds = Annotated[int, Field(ge=1, le=366 * 86400)]
"""A time limit; more than a year is a mistake, and overflows timers."""
Finite = Field(allow_inf_nan=False)

_DEVICES = ("Factory", "localtime", "posixrules", "posix/", "right/")
"""Names in a system's folder of zones that say nothing to another machine, or count leap seconds."""
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")


class ConfigurationError(Exception):
    """The settings cannot be used; the message says which one is wrong and what to do."""


def _is_address(text: object) -> bool:
    try:
        parts = urlsplit(text) if isinstance(text, str) else None
        return parts is not None and parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:  # for instance "http://["
        return False


class SourceSettings(BaseModel):
    """Settings of one source: `[sources.NAME]` in `kliping.toml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool | None = None
    """None leaves it to `kliping sources enable|disable`."""
    cron: str | None = None
    """Five crontab fields in `TIMEZONE`; 0 and 7 are Sunday."""
    every: Annotated[int, Field(ge=60, le=366 * 86400)] | None = None
    """An interval in seconds, instead of `cron`."""
    rounds: bool | None = None
    """Whether its newest stories are looked for between two crawls, as often as it publishes. None: as `ROUNDS` says,
    and not if it has a `cron` or `every` of its own."""
    delay: Annotated[float, Field(ge=0, le=86400), Finite] | None = None
    """Seconds between two requests to one host. robots.txt can raise it, but not lower it."""
    time_limit: Seconds | None = None
    """Seconds after which a crawl is asked to end."""
    feeds: tuple[str, ...] | None = None
    sitemaps: tuple[str, ...] | None = None
    least_listed: Annotated[int, Field(ge=0)] | None = None
    """A run that finds fewer addresses in feeds and sitemaps needs attention."""

    @field_validator("*", mode="before")
    @classmethod
    def _has_value(cls, value: object) -> object:
        return _not_empty(value)

    @field_validator("feeds", "sitemaps", mode="before")
    @classmethod
    def _addresses(cls, listed: object) -> object:
        if listed is not None and not isinstance(listed, list | tuple):
            raise ValueError(f'it must be a list of addresses, like ["https://…"], not {listed!r}')
        for address in listed or ():
            if not _is_address(address):
                raise ValueError(f"{address!r} is not an address that starts with http:// or https://")
        return listed


class Settings(BaseSettings):
    """All settings, with their defaults."""

    model_config = SettingsConfigDict(env_prefix="KLIPING_", env_nested_delimiter="__", extra="forbid", frozen=True)

    home: Path = Path("data")
    database_url: str | None = None
    index_url: str = "embedded:"
    index_alias: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,60}$")] = "news"
    elasticsearch_api_key: SecretStr | None = None
    elasticsearch_ca_certs: Path | None = None
    timezone: str = "Asia/Jakarta"
    user_agent: str = f"{PRODUCT_TOKEN}/0.1 (a private news archive; set KLIPING_USER_AGENT to your contact)"
    allow_private_addresses: bool = False
    fetch_from: dict[str, str] = Field(default_factory=dict)
    """Domains that are fetched from elsewhere: {"antaranews.com": "http://127.0.0.1:8000"} sends every request for that
    domain and its subdomains there, and keeps the Host header. For the newsstand, mirrors and tests."""
    cron: str = DEFAULT_CRON
    rounds: bool = True
    """Whether the newest stories of sources are looked for between two crawls, as often as each publishes."""
    verify_cron: str = "30 4 * * 0"
    """When the service verifies the whole archive, in five crontab fields; "never" does not."""
    backup_to: Path | None = None
    """The folder that the service backs the archive up into; None: there is no nightly backup."""
    backup_cron: str = "15 3 * * *"
    """When it does, in five crontab fields; "never" leaves it to `kliping archive backup`."""
    listen_port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """Where the service answers `/health` and `/metrics`; None: nowhere."""
    listen_host: str = "127.0.0.1"
    log_format: Literal["auto", "json", "text"] = "auto"
    """How processes log. `auto`: JSON where standard error is no terminal."""
    time_limit: Seconds = 2 * 3600
    grace: Annotated[int, Field(ge=1, le=86400)] = 60
    """Seconds that a crawl has to end after it was asked to; then it is killed."""
    lease_seconds: Annotated[float, Field(ge=1, le=86400), Finite] = 60.0
    """A lease holder without a heartbeat for this long loses its lease."""
    catch_up_days: Annotated[int, Field(ge=1, le=36500)] = 7
    """Older windows are not run: they are recorded as missed, or as failed if they were tried."""
    concurrency: Annotated[int, Field(ge=1, le=64)] = 4
    """Requests to one source at the same time."""
    autothrottle: bool = True
    max_page_bytes: Annotated[int, Field(ge=1024)] = 20 * 1024 * 1024
    retry_times: Annotated[int, Field(ge=0, le=100)] = 2
    download_timeout: Annotated[float, Field(ge=0.1, le=86400), Finite] = 60.0
    notify: dict[Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,31}$")], SecretStr] = Field(
        default_factory=dict
    )
    """Targets of notifications: Apprise URLs by name, and secrets (docs/notifications.md)."""
    notify_language: Literal["en", "id"] = "en"
    notify_quiet_hours: str | None = None
    """"22:00-06:00" in `TIMEZONE`: messages wait until they are over."""
    notify_digest: str | None = None
    """"07:00" in `TIMEZONE`: a message a day tells how all stands."""
    notify_changes: bool = True
    """Whether each change of a state has a message of its own."""
    web_host: str = "127.0.0.1"
    web_port: Annotated[int, Field(ge=0, le=65535)] = 8420
    """Where `kliping serve` listens; port 0 is a free one."""
    web_hosts: tuple[str, ...] = ()
    """Other names of the server, which the Host header may have: ["arsip.example.org"]."""
    web_password_hash: SecretStr | None = None
    """The argon2 hash of the owner's password, as `kliping serve password` prints it."""
    web_token: SecretStr | None = None
    """What programs send in place of the password (Authorization: Bearer …)."""
    web_api_per_minute: Annotated[int, Field(ge=1, le=1_000_000)] = 600
    """How often one address may ask the API in a minute."""
    web_snippets_only: bool = False
    """Whether only the owner sees full texts, and others snippets and links."""
    sources: dict[str, SourceSettings] = Field(default_factory=dict)

    @field_validator("*", mode="before")
    @classmethod
    def _has_value(cls, value: object) -> object:
        return _not_empty(value)

    @field_validator("home", "backup_to", "elasticsearch_ca_certs")
    @classmethod
    def _without_tilde(cls, path: Path | None) -> Path | None:
        return path and _expanded(path)

    @field_validator("database_url")
    @classmethod
    def _database_without_tilde(cls, url: str | None) -> str | None:
        head, slashes, file = (url or "").partition("sqlite:///")
        if head or not file.startswith("~"):
            return url
        name, mark, options = file.partition("?")
        return f"{slashes}{_quoted(str(_expanded(Path(name))))}{mark}{options}"

    @field_validator("user_agent")
    @classmethod
    def _one_header(cls, text: str) -> str:
        if _CONTROLS.search(text) or not text.isascii():
            raise ValueError("it is sent as a header: write it in one line of ASCII")
        return text

    @field_validator("elasticsearch_api_key")
    @classmethod
    def _one_line(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None and (_CONTROLS.search(key.get_secret_value()) or not key.get_secret_value().isascii()):
            raise ValueError("it must be one line of ASCII; a file that it was read from may end in a line break")
        return key

    @field_validator("web_password_hash")
    @classmethod
    def _is_argon2(cls, text: SecretStr | None) -> SecretStr | None:
        if text is not None and not text.get_secret_value().startswith("$argon2"):
            raise ValueError("it is the hash that `kliping serve password` prints, not the password")
        return text

    @field_validator("web_token")
    @classmethod
    def _long_enough(cls, text: SecretStr | None) -> SecretStr | None:
        if text is not None and (
            len(text.get_secret_value()) < 20 or not re.fullmatch(r"[!-~]+", text.get_secret_value())
        ):
            raise ValueError("it needs 20 or more ASCII characters without spaces; `openssl rand -hex 16` makes one")
        return text

    @field_validator("notify_quiet_hours")
    @classmethod
    def _span_of_day(cls, text: str | None) -> str | None:
        if text is not None and not re.fullmatch(f"{_CLOCK}-{_CLOCK}", text):
            raise ValueError(f'{text!r} is no span of a day, like "22:00-06:00"')
        return text

    @field_validator("notify_digest")
    @classmethod
    def _time_of_day(cls, text: str | None) -> str | None:
        if text is not None and not re.fullmatch(_CLOCK, text):
            raise ValueError(f'{text!r} is no time of a day, like "07:00"')
        return text

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            if not name.startswith(_DEVICES):
                ZoneInfo(name)
                return name
        except (KeyError, ValueError, OSError):  # unknown; a path out of the database; a folder in it
            pass
        raise ValueError(f"{name!r} is not a time zone of the IANA database, like Asia/Jakarta") from None

    @field_validator("fetch_from")
    @classmethod
    def _plain_addresses(cls, table: dict[str, str]) -> dict[str, str]:
        for domain, base in table.items():
            if not _is_address(base):
                raise ValueError(f"the address for {domain} must start with http:// or https://, not {base!r}")
        return {domain.lower(): base.rstrip("/") for domain, base in table.items()}

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  the signature is pydantic's
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  the signature is pydantic's
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=config_file())

    @property
    def zone(self) -> ZoneInfo:
        """The user's zone: for windows, `after:` and `before:`, and clocks without a zone in `kliping read dates`."""
        return ZoneInfo(self.timezone)

    @property
    def archive_url(self) -> str:
        """SQLAlchemy's URL of the archive's database."""
        return self.database_url or sqlite_url(self.home.resolve() / "archive.sqlite3")

    def of_source(self, name: str) -> SourceSettings:
        """The settings of one source; all None if nothing is configured for it."""
        return self.sources.get(name, SourceSettings())


def config_file() -> Path:
    """The settings file. It may be missing, unless `KLIPING_CONFIG` names it. Raises ConfigurationError."""
    named = os.environ.get("KLIPING_CONFIG")
    if named is None:
        return Path(SETTINGS_FILE)
    try:
        file = _expanded(Path(named))
    except ValueError as error:
        raise ConfigurationError(f"KLIPING_CONFIG cannot be used: {error}. Correct or unset it.") from error
    if not file.is_file():
        raise ConfigurationError(f"KLIPING_CONFIG names {named}, but there is no such file. Correct or unset it.")
    return file


def sqlite_url(file: Path) -> str:
    """SQLAlchemy's URL of a SQLite file, whatever characters its path has."""
    return f"sqlite:///{_quoted(str(file))}"


def _quoted(path: str) -> str:
    """A path as a URL of SQLAlchemy has it: "?" would begin its options, and "%" an escaped character."""
    return path.replace("%", "%25").replace("?", "%3F")


def _expanded(path: Path) -> Path:
    """The path with the home folder in place of "~": shells leave it in quotes, and nobody else replaces it."""
    try:
        return path.expanduser()
    except RuntimeError:
        raise ValueError(f"there is no home folder for {path.parts[0]}") from None


def _not_empty(value: object) -> object:
    """Raises ValueError for a text without a letter: an empty variable is a mistake more often than a choice."""
    if isinstance(value, str) and not value.strip():
        raise ValueError("it is empty: give it a value, or leave it out")
    return value


def load(**overrides: Any) -> Settings:
    """Read the settings. Raises ConfigurationError, which names the setting that is wrong."""
    for name in sorted(os.environ):
        if _is_ours(name) and not os.environ[name].strip():
            raise ConfigurationError(_unusable(name, "it is empty: give it a value, or unset it"))
        if _is_unknown(name):
            raise ConfigurationError(_unknown(name, [], Settings.model_fields))
    try:
        return Settings(**overrides)
    except ValidationError as errors:
        raise ConfigurationError(_sentence(errors)) from errors
    except SettingsError as error:  # a table or list in the environment that is not JSON
        raise ConfigurationError(_no_json(error)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{config_file()} is not valid TOML: {error}. Correct it there.") from error
    except OSError as error:
        why = error.strerror or error
        raise ConfigurationError(
            f"{config_file()} cannot be read: {why}. Give this user the right to read it."
        ) from error


def require_known_sources(settings: Settings, known: Collection[str]) -> None:
    """Raises ConfigurationError if the settings name a source that there is not."""
    for name in sorted(set(settings.sources) - set(known)):
        written = _written(["sources", name])
        raise ConfigurationError(_unknown(written, ["sources"], known, "`kliping sources list` has all names.", name))


def _is_ours(name: str) -> bool:
    """Whether a variable of the environment is for us. Its case does not matter, as pydantic-settings reads it."""
    return name.upper().startswith("KLIPING_") and not name.upper().startswith("KLIPING_TEST_")


def _is_unknown(name: str) -> bool:
    """Whether a variable of the environment looks like a setting and is none."""
    upper = name.upper()
    if not _is_ours(name) or upper == "KLIPING_CONFIG":
        return False
    if upper.startswith(("KLIPING_SOURCES__", "KLIPING_FETCH_FROM__", "KLIPING_NOTIFY__")):
        return False
    return upper.removeprefix("KLIPING_").lower() not in Settings.model_fields


def _unknown(
    written: str,
    above: Sequence[str],
    known: Iterable[str],
    listed: str = "docs/settings.md lists all settings.",
    name: str | None = None,
    *,
    in_file: bool = False,
) -> str:
    """The sentence about a setting that there is not, the same for the environment and for the file.

    `written` is how the user wrote it, `above` the tables in which it is, `known` the names that there are. `in_file`:
    it is in the file, though the environment may have a variable of that name.
    """
    last = name or written.upper().removeprefix("KLIPING_").replace("__", ".").rpartition(".")[2].lower()
    similar = get_close_matches(last, list(known), n=1)
    meant = [*above, *similar]
    spelled = f"KLIPING_{'__'.join(meant)}".upper() if written in os.environ and not in_file else ".".join(meant)
    hint = f"Did you mean {spelled}? " if similar else ""
    return f"{written} is not a setting. {hint}{listed}"


def _unusable(name: str, why: str) -> str:
    """The sentence about a setting whose value is wrong."""
    return f"The setting {name} cannot be used: {why}. docs/settings.md describes it."


def _written(path: Sequence[str]) -> str:
    """The name of a setting as the user wrote it: the variable if there is one, else the key in the file."""
    variable = f"KLIPING_{'__'.join(path)}".upper()
    here = {name.upper(): name for name in os.environ}
    if variable in here:
        return here[variable]
    return next((here[name] for name in sorted(here) if name.startswith(f"{variable}__")), ".".join(path))


def _no_json(error: SettingsError) -> str:
    name = re.search(r'field "(\w+)"', str(error))
    if not name:
        return f"A setting in the environment is not JSON: {error}. See docs/settings.md."
    example = json.dumps({"antaranews.com": "http://127.0.0.1:8000"} if name[1] == "fetch_from" else {})
    return _unusable(f"KLIPING_{name[1].upper()}", f"it is not JSON, like {example}")


def _sentence(errors: ValidationError) -> str:
    """The first error, with the name of its setting."""
    first = errors.errors()[0]
    path = [str(part) for part in first["loc"]]
    name = _written(path) if path else "settings"
    if first["type"] == "extra_forbidden":
        fields = SourceSettings.model_fields if path[0] == "sources" else Settings.model_fields
        if len(path) == 1:  # `load` has looked at the variables
            return _unknown(path[0], [], fields, in_file=True)
        return _unknown(name, path[:-1], fields)
    why = first["msg"].removeprefix("Value error, ")  # pydantic's prefix to our own messages
    return _unusable(name, why)
