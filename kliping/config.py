"""What the user configures: one typed object, read from `KLIPING_*` in the environment and from `kliping.toml`.

The environment wins over the file, the file over the defaults. The file is `kliping.toml` in the working folder, or
the one that `KLIPING_CONFIG` names.
"""

from __future__ import annotations

import os
import tomllib
from datetime import tzinfo
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from dateutil import tz
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


class ConfigurationError(Exception):
    """The settings cannot be used; the message is one sentence for the user."""


def _is_address(text: object) -> bool:
    try:
        parts = urlsplit(text) if isinstance(text, str) else None
        return parts is not None and parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:  # "http://[" and its like
        return False


class SourceSettings(BaseModel):
    """What `[sources.NAME]` in `kliping.toml` may say of one source."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool | None = None
    """Null leaves the word to `kliping sources enable|disable`."""
    cron: str | None = None
    """Five crontab fields in `TIMEZONE`; 0 and 7 are Sunday."""
    every: Annotated[int, Field(ge=60)] | None = None
    """An interval in seconds, in place of `cron`."""
    delay: Annotated[float, Field(ge=0)] | None = None
    """Seconds between two requests to one host; robots.txt may ask for more, never for less."""
    time_limit: Annotated[int, Field(ge=1)] | None = None
    """Seconds after which a crawl is asked to end."""
    feeds: tuple[str, ...] | None = None
    sitemaps: tuple[str, ...] | None = None
    least_listed: Annotated[int, Field(ge=0)] | None = None
    """Fewer addresses than this in a run's feeds and sitemaps call for attention."""

    @field_validator("feeds", "sitemaps", mode="before")
    @classmethod
    def _addresses(cls, listed: object) -> object:
        if listed is not None and not isinstance(listed, list | tuple):
            raise ValueError(f'it is a list of addresses, like ["https://…"], not {listed!r}')
        for address in listed or ():
            if not _is_address(address):
                raise ValueError(f"{address!r} is no address that begins with http:// or https://")
        return listed


class Settings(BaseSettings):
    """All settings, with the defaults of an installation that has nothing else."""

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
    """Domains whose pages are fetched elsewhere: {"antaranews.com": "http://127.0.0.1:8000"} sends every request for
    that domain and its subdomains there, with its own Host header. For the newsstand, mirrors and tests."""
    cron: str = DEFAULT_CRON
    time_limit: Annotated[int, Field(ge=1)] = 2 * 3600
    grace: Annotated[int, Field(ge=1)] = 60
    """Seconds that a crawl has to end by itself after it was asked to."""
    lease_seconds: Annotated[float, Field(ge=1, le=86400)] = 60.0
    """A holder that gave no sign of life for so long has lost its lease."""
    catch_up_days: Annotated[int, Field(ge=1)] = 7
    """Windows missed longer ago are recorded as missed and not run."""
    concurrency: Annotated[int, Field(ge=1)] = 4
    """Requests under way at once to one source."""
    autothrottle: bool = True
    max_page_bytes: Annotated[int, Field(ge=1024)] = 20 * 1024 * 1024
    retry_times: Annotated[int, Field(ge=0)] = 2
    download_timeout: Annotated[float, Field(ge=0.1)] = 60.0
    sources: dict[str, SourceSettings] = Field(default_factory=dict)

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        if tz.gettz(name) is None:
            raise ValueError(f"{name!r} is no time zone of the IANA database (for instance Asia/Jakarta)")
        return name

    @field_validator("fetch_from")
    @classmethod
    def _plain_addresses(cls, table: dict[str, str]) -> dict[str, str]:
        for domain, base in table.items():
            if not base.startswith(("http://", "https://")):
                raise ValueError(f"the address for {domain} must begin with http:// or https://, not {base!r}")
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
    def zone(self) -> tzinfo:
        """The zone of the user: of windows, of `after:` and `before:`, of dates without one."""
        zone = tz.gettz(self.timezone)
        assert zone is not None  # the validator has seen it
        return zone

    @property
    def archive_url(self) -> str:
        """SQLAlchemy's URL of the archive's database."""
        return self.database_url or f"sqlite:///{self.home.resolve() / 'archive.sqlite3'}"

    def of_source(self, name: str) -> SourceSettings:
        """What is configured for one source; an empty object where nothing is."""
        return self.sources.get(name, SourceSettings())


def config_file() -> Path:
    """The settings file in use; it need not exist unless `KLIPING_CONFIG` names it."""
    named = os.environ.get("KLIPING_CONFIG")
    if named and not Path(named).is_file():
        raise ConfigurationError(f"KLIPING_CONFIG names {named}, and there is no such file.")
    return Path(named) if named else Path("kliping.toml")


def load(**overrides: Any) -> Settings:
    """Read the settings. Raises ConfigurationError with one sentence that names the setting that is wrong."""
    unknown = sorted(
        name
        for name in os.environ
        if name.startswith("KLIPING_")
        and not name.startswith(("KLIPING_TEST_", "KLIPING_SOURCES__", "KLIPING_FETCH_FROM__"))
        and name != "KLIPING_CONFIG"
        and name.removeprefix("KLIPING_").lower() not in Settings.model_fields
    )
    if unknown:
        raise ConfigurationError(f"{unknown[0]} is no setting of ours.")
    try:
        return Settings(**overrides)
    except ValidationError as errors:
        first = errors.errors()[0]
        name = ".".join(str(part) for part in first["loc"]) or "settings"
        why = first["msg"].removeprefix("Value error, ")  # pydantic's words before ours
        raise ConfigurationError(f"The setting {name} cannot be used: {why}.") from errors
    except SettingsError as error:  # a table or list in the environment that is no JSON
        raise ConfigurationError(f"A setting in the environment is no JSON: {error}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{config_file()} is no valid TOML: {error}.") from error
