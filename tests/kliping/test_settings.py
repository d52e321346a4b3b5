"""Settings: any path, no empty value, and one sentence for what is no setting, in the environment and in the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.database import Archive
from kliping import config
from kliping.config import ConfigurationError, load, require_known_sources, sqlite_url


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KLIPING_CONFIG")
    monkeypatch.setenv("HOME", str(tmp_path / "rumah"))


def refusal(**environment: str) -> str:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        with pytest.raises(ConfigurationError) as refused:
            load()
    return str(refused.value)


def in_file(text: str) -> str:
    Path("kliping.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as refused:
        load()
    return str(refused.value)


@pytest.mark.parametrize("names", [("a?b", "a?c"), ("a%41", "aA"), ("100%", "100"), ("a#b", "a"), ("x@y:z", "y:z")])
def test_two_homes_never_share_a_database(tmp_path: Path, names: tuple[str, str]) -> None:
    """SQLAlchemy reads "?" in a URL as the beginning of options, and "%41" as "A"."""
    ids = set()
    for name in names:
        home = tmp_path / name
        settings = load(home=home)
        with Archive.open(settings.archive_url, home) as archive:
            ids.add(archive.identity.archive_id)
        assert archive.file == home / "archive.sqlite3"
        assert (home / "archive.sqlite3").is_file()
    assert len(ids) == 2


def test_a_tilde_is_the_home_folder_wherever_a_path_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rumah = tmp_path / "rumah"
    rumah.mkdir()
    (rumah / "lain.toml").write_text('home = "~/arsip"\ndatabase_url = "sqlite:///~/b?.sqlite3"\n', encoding="utf-8")
    monkeypatch.setenv("KLIPING_CONFIG", "~/lain.toml")
    monkeypatch.setenv("KLIPING_ELASTICSEARCH_CA_CERTS", "~/ca.crt")
    settings = load(database_url="sqlite:///~/100%?timeout=5")
    assert settings.home == rumah / "arsip"
    assert settings.elasticsearch_ca_certs == rumah / "ca.crt"
    assert settings.archive_url == f"{sqlite_url(rumah / '100%')}?timeout=5"
    assert "no home folder for ~nobody-here" in refusal(KLIPING_HOME="~nobody-here/x")


def test_an_empty_value_is_refused_in_one_sentence_whatever_the_setting() -> None:
    fields = [name.upper() for name in config.Settings.model_fields]
    for name in [*fields, "CONFIG", "SOURCES__ANTARA__CRON"]:
        for value in ("", "  "):
            assert refusal(**{f"KLIPING_{name}": value}) == (
                f"The setting KLIPING_{name} cannot be used: it is empty: give it a value, or unset it. "
                "docs/settings.md describes it."
            )
    assert "timezone cannot be used: it is empty" in in_file('timezone = ""')
    assert "sources.antara.cron cannot be used: it is empty" in in_file('[sources.antara]\ncron = " "')
    assert "home cannot be used: it is empty" in in_file('home = ""')


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("DOWNLOAD_TIMEOUT", "inf", "finite number"),
        ("LEASE_SECONDS", "nan", "finite number"),
        ("SOURCES__ANTARA__DELAY", "inf", "finite number"),
        ("TIME_LIMIT", "99999999999999", "less than or equal to"),
        ("CATCH_UP_DAYS", "99999999999", "less than or equal to"),
        ("CONCURRENCY", "1000000", "less than or equal to"),
        ("TIMEZONE", "localtime", "is not a time zone of the IANA database"),
        ("TIMEZONE", "Factory", "is not a time zone of the IANA database"),
        ("TIMEZONE", "right/Asia/Jakarta", "is not a time zone of the IANA database"),
        ("TIMEZONE", "Asia/Jakarta ", "is not a time zone of the IANA database"),
        ("USER_AGENT", "Bot\r\nX-Other: 1", "write it in one line"),
        ("ELASTICSEARCH_API_KEY", "abc\n", "one line of ASCII"),
        ("FETCH_FROM", '{"a.test": "http://"}', "must start with http:// or https://"),
        ("FETCH_FROM", "{", "is not JSON, like"),
    ],
)
def test_an_odd_value_is_refused_under_the_name_that_was_written(name: str, value: str, says: str) -> None:
    sentence = refusal(**{f"KLIPING_{name}": value})
    assert f"KLIPING_{name} cannot be used: " in sentence
    assert says in sentence


@pytest.mark.parametrize(
    ("variable", "in_toml", "meant"),
    [
        ("KLIPING_HOM", 'hom = "x"', ("KLIPING_HOME", "home")),
        ("kliping_hom", 'hom = "x"', ("KLIPING_HOME", "home")),
        ("KLIPING_SOURCE", 'source = "x"', ("KLIPING_SOURCES", "sources")),
        (
            "KLIPING_SOURCES__ANTARA__DELY",
            "[sources.antara]\ndely = 5",
            ("KLIPING_SOURCES__ANTARA__DELAY", "sources.antara.delay"),
        ),
        ("KLIPING_ZZZZZZ", 'zzzzzz = "x"', ()),
    ],
)
def test_what_is_no_setting_gets_one_sentence_in_the_environment_and_in_the_file(
    variable: str, in_toml: str, meant: tuple[str, ...]
) -> None:
    hints = [f"Did you mean {each}? " for each in meant] or ["", ""]
    assert refusal(**{variable: "5"}) == f"{variable} is not a setting. {hints[0]}docs/settings.md lists all settings."
    sentence = in_file(in_toml)
    assert sentence.endswith(f" is not a setting. {hints[1]}docs/settings.md lists all settings.")


def test_the_name_of_a_variable_in_the_file_gets_the_name_that_is_meant() -> None:
    assert "KLIPING_HOME is not a setting. Did you mean home?" in in_file('KLIPING_HOME = "x"')


def test_settings_of_a_source_that_there_is_not_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLIPING_SOURCES__ANTRA__DELAY", "5")
    with pytest.raises(ConfigurationError, match=r"DELAY is not a setting. Did you mean KLIPING_SOURCES__ANTARA\?"):
        require_known_sources(load(), ["antara", "kompas"])
    monkeypatch.delenv("KLIPING_SOURCES__ANTRA__DELAY")
    require_known_sources(load(), ["antara"])


def test_scrapys_ways_into_a_running_crawl_are_closed() -> None:
    from crawler import settings

    assert settings.TELNETCONSOLE_ENABLED is False
    assert settings.REMOTE_CONTROL_ENABLED is False
