"""The settings: one typed object, read from `KLIPING_*` in the environment and from `kliping.toml`.

The environment overrides the file, and the file the defaults. The file is `kliping.toml` in the working folder, or the
one that `KLIPING_CONFIG` names.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable
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
    every: Annotated[int, Field(ge=60)] | None = None
    """An interval in seconds, instead of `cron`."""
    delay: Annotated[float, Field(ge=0)] | None = None
    """Seconds between two requests to one host. robots.txt can raise it, but not lower it."""
    time_limit: Annotated[int, Field(ge=1)] | None = None
    """Seconds after which a crawl is asked to end."""
    feeds: tuple[str, ...] | None = None
    sitemaps: tuple[str, ...] | None = None
    least_listed: Annotated[int, Field(ge=0)] | None = None
    """A run that finds fewer addresses in feeds and sitemaps needs attention."""

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
    time_limit: Annotated[int, Field(ge=1)] = 2 * 3600
    grace: Annotated[int, Field(ge=1)] = 60
    """Seconds that a crawl has to end after it was asked to; then it is killed."""
    lease_seconds: Annotated[float, Field(ge=1, le=86400)] = 60.0
    """A lease holder without a heartbeat for this long loses its lease."""
    catch_up_days: Annotated[int, Field(ge=1)] = 7
    """Older windows are not run: they are recorded as missed, or as failed if they were tried."""
    concurrency: Annotated[int, Field(ge=1)] = 4
    """Requests to one source at the same time."""
    autothrottle: bool = True
    max_page_bytes: Annotated[int, Field(ge=1024)] = 20 * 1024 * 1024
    retry_times: Annotated[int, Field(ge=0)] = 2
    download_timeout: Annotated[float, Field(ge=0.1)] = 60.0
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
    sources: dict[str, SourceSettings] = Field(default_factory=dict)

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
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):  # unknown; a path out of the database; a folder in it
            raise ValueError(f"{name!r} is not a time zone of the IANA database, like Asia/Jakarta") from None
        return name

    @field_validator("fetch_from")
    @classmethod
    def _plain_addresses(cls, table: dict[str, str]) -> dict[str, str]:
        for domain, base in table.items():
            if not base.startswith(("http://", "https://")):
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
        return self.database_url or f"sqlite:///{self.home.resolve() / 'archive.sqlite3'}"

    def of_source(self, name: str) -> SourceSettings:
        """The settings of one source; all None if nothing is configured for it."""
        return self.sources.get(name, SourceSettings())


def config_file() -> Path:
    """The settings file. It may be missing, unless `KLIPING_CONFIG` names it. Raises ConfigurationError."""
    named = os.environ.get("KLIPING_CONFIG")
    if named and not Path(named).is_file():
        raise ConfigurationError(f"KLIPING_CONFIG names {named}, but there is no such file. Correct or unset it.")
    return Path(named) if named else Path("kliping.toml")


def load(**overrides: Any) -> Settings:
    """Read the settings. Raises ConfigurationError, which names the setting that is wrong."""
    for name in sorted(os.environ):
        if _is_unknown(name):
            fields = map(str.upper, Settings.model_fields)
            raise ConfigurationError(_unknown("KLIPING_", name.removeprefix("KLIPING_"), fields))
    try:
        return Settings(**overrides)
    except ValidationError as errors:
        raise ConfigurationError(_sentence(errors)) from errors
    except SettingsError as error:  # a table or list in the environment that is not JSON
        raise ConfigurationError(f"A setting in the environment is not JSON: {error}. See docs/settings.md.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{config_file()} is not valid TOML: {error}. Correct it there.") from error


def _is_unknown(name: str) -> bool:
    """Whether a variable of the environment looks like a setting and is none."""
    if not name.startswith("KLIPING_") or name == "KLIPING_CONFIG":
        return False
    if name.startswith(("KLIPING_TEST_", "KLIPING_SOURCES__", "KLIPING_FETCH_FROM__", "KLIPING_NOTIFY__")):
        return False
    return name.removeprefix("KLIPING_").lower() not in Settings.model_fields


def _unknown(prefix: str, name: str, known: Iterable[str]) -> str:
    similar = get_close_matches(name, list(known), n=1)
    hint = f"Did you mean {prefix}{similar[0]}? " if similar else ""
    return f"{prefix}{name} is not a setting. {hint}docs/settings.md lists all settings."


def _sentence(errors: ValidationError) -> str:
    """The first error, with the name of its setting."""
    first = errors.errors()[0]
    path = [str(part) for part in first["loc"]]
    name = ".".join(path) or "settings"
    if first["type"] == "extra_forbidden":
        fields = SourceSettings.model_fields if path[0] == "sources" else Settings.model_fields
        return _unknown("".join(f"{part}." for part in path[:-1]), path[-1], fields)
    why = first["msg"].removeprefix("Value error, ")  # pydantic's prefix to our own messages
    return f"The setting {name} cannot be used: {why}. docs/settings.md describes it."
