import pwd
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.config import StatePlace, default_state, state, state_place


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("sqlite:///var/lib/x.db", "/var/lib/x.db"),
        ("sqlite:/var/lib/x.db", "/var/lib/x.db"),
        ("sqlite://localhost/var/lib/x.db", "/var/lib/x.db"),
        ("sqlite:////var/lib/x.db", "/var/lib/x.db"),
        ("SQLITE:///x", "/x"),
        ("sqlite:///srv/with%20blank%3F%23%25.db", "/srv/with blank?#%.db"),
        ("sqlite:///srv/a%C3%B1o.db", "/srv/año.db"),
    ],
)
def test_a_file_by_its_url(url: str, file: str) -> None:
    assert state_place(url) == StatePlace(file=Path(file))


@pytest.mark.parametrize(
    "url",
    [
        "redis://host",
        "redis://host:6379/0",
        "redis://user:fake%23word@host:6379/15",
        "redis://[::1]:6379/0",
        "rediss://host:6380/0?ssl_ca_certs=/etc/ca.pem&ssl_certfile=/c.pem&ssl_keyfile=/k.pem",
    ],
)
def test_a_redis_by_its_url(url: str) -> None:
    assert state_place(url) == StatePlace(redis_url=url)


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (None, "a URL such as"),
        (5, "a URL such as"),
        ("", "a URL such as"),
        ("/var/lib/x.db", "unknown kind"),
        ("sqlite", "unknown kind"),
        ("mysql://host/x", "unknown kind"),
        ("sqlite:x.db", "whole path"),
        ("sqlite://x.db", "third slash"),
        ("sqlite://var/lib/x.db", "third slash"),
        ("sqlite://", "whole path"),
        ("sqlite:///", "whole path"),
        ("sqlite:///var/lib/", "whole path"),
        ("sqlite:///a%00b", "whole path"),
        ("sqlite:///x.db?mode=ro", "no query"),
        ("sqlite:///x.db#1", "no query and no fragment"),
        ("sqlite:///con espacio.db", "%20"),
        ("sqlite:///año.db", "ASCII"),
        ("sqlite:///x\n", "ASCII"),
        ("redis://", "host"),
        ("redis:///0", "host"),
        ("redis://host:0/0", "host"),
        ("redis://host:99999/0", "not a URL"),
        ("redis://[::1/0", "not a URL"),
        ("redis://host/zero", "number of its database"),
        ("redis://host/0/1", "number of its database"),
        ("redis://host/0#x", "no fragment"),
        ("redis://host/0?ssl_ca_certs=/x", "unknown option 'ssl_ca_certs'"),
        ("rediss://host/0?ssl_cert_reqs=none", "unknown option 'ssl_cert_reqs' in the URL: ssl_ca_certs"),
        ("redis://host/0?socket_timeout", "unknown option 'socket_timeout'"),
    ],
)
def test_what_is_no_place_for_the_state(raw: object, says: str) -> None:
    with pytest.raises(ValueError, match=r".*") as caught:
        state_place(raw)
    assert says in str(caught.value)


@given(st.text() | st.from_regex(r"(sqlite|rediss?):[/a-z0-9:@?#%\[\].=&-]*", fullmatch=True))
def test_any_text_is_a_place_or_a_message(raw: str) -> None:
    message = ""
    try:
        place = state_place(raw)
    except ValueError as error:
        message = str(error)
    else:
        assert place.redis_url or place.file.is_absolute()
        assert isinstance(place.secret, str)
    assert message.isprintable()


def test_the_password_is_known_to_be_hidden_and_shown_nowhere() -> None:
    place = state_place("redis://user:fake%23word@host:6379/0")
    assert place.secret == "fake#word"
    assert "fake" not in repr(place)


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "find_spec", lambda _name: None)
    with pytest.raises(ValueError, match=r"pip install 'wolkvox-exporter\[redis\]'"):
        state_place("redis://host:6379/0")
    assert state_place("sqlite:///x")


@pytest.mark.parametrize(
    ("environment", "file"),
    [
        ({"XDG_STATE_HOME": "/state", "HOME": "/home/fulano"}, "/state/wolkvox-exporter/state.db"),
        ({"XDG_STATE_HOME": "", "HOME": "/h"}, "/h/.local/state/wolkvox-exporter/state.db"),
        ({"XDG_STATE_HOME": "relative", "HOME": "/h"}, "/h/.local/state/wolkvox-exporter/state.db"),
        ({"HOME": "/h"}, "/h/.local/state/wolkvox-exporter/state.db"),
    ],
)
def test_the_default_is_in_the_users_state_directory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, environment: dict[str, str], file: str
) -> None:
    monkeypatch.setattr(state, "SERVICE_FOLDER", tmp_path / "nothing")
    monkeypatch.delenv("XDG_STATE_HOME")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert default_state() == StatePlace(file=Path(file))


def test_the_state_of_an_installed_service_is_found_by_everybody(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(state, "SERVICE_FOLDER", tmp_path)
    for home in ("/root", "/home/fulano"):
        monkeypatch.setenv("HOME", home)
        monkeypatch.setenv("XDG_STATE_HOME", "")
        assert default_state().file == tmp_path / "state.db"
    monkeypatch.setenv("XDG_STATE_HOME", "/state")  # somebody wants another place
    assert default_state().file == Path("/state/wolkvox-exporter/state.db")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite:///var/lib/x.db", "/var/lib/x.db"),
        ("redis://host:6379/0", "redis://host:6379/0"),
        ("redis://host", "redis://host"),
        ("rediss://user:fake%40word@host:6380/5?ssl_ca_certs=/x", "rediss://host:6380/5"),
        ("redis://:fake-word@[::1]:6379/5", "redis://[::1]:6379/5"),
    ],
)
def test_a_place_is_shown_without_its_password(url: str, shown: str) -> None:
    assert str(state_place(url)) == shown


def test_a_user_that_the_system_does_not_know_has_a_place_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(_uid: int) -> Any:
        raise KeyError

    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.delenv("HOME")
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    assert default_state().file == Path("/var/lib/wolkvox-exporter/state.db")
