"""Targets: what happened is said, and no part of an address is ever shown."""

from __future__ import annotations

import logging

import pytest

from notify import targets
from notify.targets import BadTargetError, Message, kind_of, without_secrets
from tests.support.webhook import Webhook

SECRETS = ("s3cr3t-path", "hunter22", "t0k3nvalue")


@pytest.mark.processes
def test_a_failure_is_said_without_secrets(
    hook: Webhook, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    hook.status = 404
    url = hook.url.replace("json://", "json://user:hunter22@") + "?-key=t0k3nvalue"
    with caplog.at_level(logging.DEBUG):
        problem = targets.send(url, Message("title", "body")) or ""
    assert "404" in problem
    said = problem + caplog.text + "".join(capfd.readouterr())
    assert not [secret for secret in SECRETS if secret in said]


@pytest.mark.processes
def test_a_target_that_accepts_has_no_problem(hook: Webhook) -> None:
    assert targets.send(hook.url, Message("Judul “berita”", "Isi <b>&")) is None
    assert (hook.received[0]["title"], hook.received[0]["message"]) == ("Judul “berita”", "Isi <b>&")


@pytest.mark.processes
def test_a_message_that_is_too_long_comes_in_parts(hook: Webhook) -> None:
    assert targets.send(hook.url, Message("title", "kata " * 10_000)) is None
    assert len(hook.received) > 1
    assert sum(each["message"].count("kata") for each in hook.received) == 10_000


def test_a_target_that_nobody_answers_is_said() -> None:
    assert "127.0.0.1" in (targets.send("json://127.0.0.1:1/s3cr3t-path", Message("a", "b")) or "")


@pytest.mark.parametrize("url", ["nonsense", "foo://s3cr3t-path", "json://", "tgram://s3cr3t-path", ""])
def test_an_address_that_apprise_does_not_know_is_refused_without_telling_it(url: str) -> None:
    with pytest.raises(BadTargetError) as refused:
        targets.check(url)
    assert "s3cr3t" not in str(refused.value)
    assert "s3cr3t" not in (targets.send(url, Message("a", "b")) or "")


@pytest.mark.parametrize(
    ("url", "shown"),
    [("tgram://123:abc/456", "tgram://…"), ("MAILTO://a:b@c.de", "mailto://…"), ("no address", "…"), ("a b://c", "…")],
)
def test_only_the_kind_of_an_address_is_shown(url: str, shown: str) -> None:
    assert kind_of(url) == shown


def test_every_part_of_an_address_is_hidden() -> None:
    url = "slack://TokenA/tokenB/t%C3%B6kenC/?to=%23desk&key=k3y"
    text = f"failed: tokena, TOKENB, tökenC, t%C3%B6kenC, #desk, k3y, {url}"
    cleaned = without_secrets(text, url)
    assert "oken" not in cleaned
    assert "desk" not in cleaned
    assert "k3y" not in cleaned
