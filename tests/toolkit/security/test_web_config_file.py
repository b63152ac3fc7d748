import asyncio
import logging
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from exporter.config import ConfigError
from exporter.toolkit.security import WebConfigFile
from support.certificates import Authority, Issued

SETTLED = 5.0


class Clocks:
    """Time that has always settled: files that are written now are old enough at once."""

    files: list[Path]

    def __init__(self) -> None:
        self.ahead = SETTLED
        self.monotonic = 0.0

    def wall(self) -> float:
        return max(path.stat().st_mtime for path in self.files) + self.ahead


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


@pytest.fixture
def file(tmp_path: Path, server: Issued, hashed: str, clocks: Clocks) -> Path:
    file = tmp_path / "web.yaml"
    for place, source in (("server.crt", server.cert), ("server.key", server.key)):
        (tmp_path / place).write_bytes(source.read_bytes())
    write(file, hashed)
    clocks.files = [file, tmp_path / "server.crt"]
    return file


def write(file: Path, *hashes: str, tls: str = "{cert_file: server.crt, key_file: server.key}") -> None:
    users = "".join(f"  user{number}: {hashed}\n" for number, hashed in enumerate(hashes))
    file.write_text(f"tls_server_config: {tls}\nbasic_auth_users:\n{users}")


def opened(file: Path, clocks: Clocks) -> WebConfigFile:
    return WebConfigFile(file, clocks.wall, lambda: clocks.monotonic)


def users(config: WebConfigFile) -> list[str]:
    return list(asyncio.run(config.current()).users)


def context(config: WebConfigFile) -> ssl.SSLContext | None:
    return asyncio.run(config.tls_context())


def test_what_has_not_changed_is_not_read_again(file: Path, clocks: Clocks) -> None:
    config = opened(file, clocks)
    assert context(config) is context(config)
    assert config.encrypted


def test_users_are_read_again_when_the_file_changes(file: Path, clocks: Clocks, hashed: str) -> None:
    config = opened(file, clocks)
    write(file, hashed, hashed)
    assert users(config) == ["user0", "user1"]
    write(file, hashed)
    assert users(config) == ["user0"]


def test_a_new_certificate_is_taken_without_a_touch_of_the_web_config(
    file: Path, clocks: Clocks, authority: Authority
) -> None:
    config = opened(file, clocks)
    before = context(config)
    fresh = authority.issue("fresh")
    for place, source in (("server.crt", fresh.cert), ("server.key", fresh.key)):
        file.with_name(place).write_bytes(source.read_bytes())
    assert context(config) is not before


def test_a_link_that_points_elsewhere_is_a_change(file: Path, clocks: Clocks, hashed: str) -> None:
    # So Kubernetes replaces the files of a secret.
    folders = [file.parent / name for name in ("one", "two")]
    for number, folder in enumerate(folders):
        folder.mkdir()
        tls = "{cert_file: ../server.crt, key_file: ../server.key}"
        write(folder / "web.yaml", *[hashed] * (number + 1), tls=tls)
    link = file.parent / "link"
    link.symlink_to("one")
    config = opened(link / "web.yaml", clocks)
    (file.parent / "new").symlink_to("two")
    (file.parent / "new").replace(link)
    assert users(config) == ["user0", "user1"]


def test_half_a_file_is_not_taken_for_a_whole_one(file: Path, clocks: Clocks, hashed: str) -> None:
    config = opened(file, clocks)
    clocks.ahead = 0.5
    write(file, hashed, hashed)
    assert users(config) == ["user0"]
    clocks.ahead = SETTLED
    assert users(config) == ["user0", "user1"]


def test_a_file_of_the_future_is_read_all_the_same(file: Path, clocks: Clocks, hashed: str) -> None:
    config = opened(file, clocks)
    clocks.ahead = -3600
    write(file, hashed, hashed)
    assert users(config) == ["user0", "user1"]


Damage = Callable[[Path, str], object]

DAMAGES: dict[str, Damage] = {
    "a password in place of a hash": lambda file, _: write(file, "hunter2"),
    "an empty file": lambda file, _: file.write_text(""),
    "the first line of a file": lambda file, _: file.write_text("tls_server_config:\n"),
    "nobody any more": lambda file, _: file.write_text("basic_auth_users: {}\n"),
    "no certificate": lambda file, hashed: write(
        file, hashed, tls="{cert_file: no.crt, key_file: server.key}"
    ),
    "no key": lambda file, _: file.with_name("server.key").unlink(),
    "half a key": lambda file, _: file.with_name("server.key").write_text("-----BEGIN PRIVATE KEY-----"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_while_the_files_are_wrong_the_last_good_ones_stay_in_force(
    file: Path,
    clocks: Clocks,
    hashed: str,
    damage: Callable[[Path, str], object],
    caplog: pytest.LogCaptureFixture,
) -> None:
    config = opened(file, clocks)
    before = context(config)
    key = file.with_name("server.key").read_bytes()
    damage(file, hashed)
    with caplog.at_level(logging.ERROR):
        for _ in range(5):
            assert context(config) is before
            assert users(config) == ["user0"]
            clocks.monotonic += 60
    assert len(caplog.records) == 1  # it is told once
    assert "hunter2" not in str(caplog.records[0].__dict__)
    file.with_name("server.key").write_bytes(key)
    write(file, hashed, hashed)
    assert users(config) == ["user0", "user1"]
    clocks.monotonic += 60
    assert context(config) is context(config)  # and it is not read again and again


def test_a_file_that_is_gone_takes_nothing_out_of_force(file: Path, clocks: Clocks, hashed: str) -> None:
    config = opened(file, clocks)
    away = file.rename(file.with_name("away"))
    clocks.files = [away]
    assert users(config) == ["user0"]
    clocks.files = [away.rename(file)]
    write(file, hashed, hashed)
    assert users(config) == ["user0", "user1"]


def test_a_file_that_was_missing_is_found_when_it_comes(file: Path, clocks: Clocks, hashed: str) -> None:
    config = opened(file, clocks)
    write(file, hashed, hashed, tls="{cert_file: late.crt, key_file: server.key}")
    assert users(config) == ["user0"]
    file.with_name("late.crt").write_bytes(file.with_name("server.crt").read_bytes())
    clocks.monotonic += 60
    assert users(config) == ["user0", "user1"]


def test_many_connections_at_a_change_read_it_once(
    file: Path, clocks: Clocks, hashed: str, caplog: pytest.LogCaptureFixture
) -> None:
    config = opened(file, clocks)
    write(file, hashed, hashed)

    async def main() -> None:
        contexts = await asyncio.gather(*(config.tls_context() for _ in range(50)))
        assert len(set(map(id, contexts))) == 1

    with caplog.at_level(logging.INFO):
        asyncio.run(main())
    assert len(caplog.records) == 1


def test_a_reload_reads_at_once_and_uses_when_told(file: Path, clocks: Clocks, hashed: str) -> None:
    config = opened(file, clocks)
    clocks.ahead = 0.5  # too fresh to be taken by itself
    write(file, hashed, hashed)
    use = config.read()
    assert users(config) == ["user0"]
    use()
    assert users(config) == ["user0", "user1"]
    write(file, "hunter2")
    with pytest.raises(ConfigError):
        config.read()
    assert users(config) == ["user0", "user1"]


@pytest.mark.parametrize("rest", ["", "basic_auth_users: {}", "http_server_config: {http2: true}"])
def test_protection_is_taken_away_by_a_reload_and_by_nothing_less(
    file: Path, clocks: Clocks, rest: str
) -> None:
    config = opened(file, clocks)
    file.write_text(rest)
    assert users(config) == ["user0"]
    config.read()()
    assert (users(config), context(config)) == ([], None)


@pytest.mark.parametrize(
    "rest", ["client_ca_file: server.crt, client_auth_type: RequireAndVerifyClientCert", ""]
)
def test_half_a_file_opens_nothing(
    file: Path, clocks: Clocks, hashed: str, rest: str, caplog: pytest.LogCaptureFixture
) -> None:
    tls = "cert_file: server.crt, key_file: server.key"
    write(file, hashed, tls=f"{{{tls}, {rest}}}")
    config = opened(file, clocks)
    before = context(config)
    file.write_text(f"tls_server_config: {{{tls}}}\n")
    assert context(config) is before
    lost = "client certificates, passwords" if rest else "passwords"
    assert f"no longer asks for {lost}:" in caplog.records[-1].__dict__["problem"]
    config.read()()
    after = context(config)
    assert users(config) == []
    assert after is not None
    assert after.verify_mode is ssl.CERT_NONE


def test_a_file_that_protects_nothing_begins_to_when_it_changes(
    file: Path, clocks: Clocks, hashed: str
) -> None:
    file.write_text("# Nothing yet.")
    config = opened(file, clocks)
    assert (users(config), context(config), config.encrypted) == ([], None, False)
    write(file, hashed)
    assert users(config) == ["user0"]
    assert config.encrypted
