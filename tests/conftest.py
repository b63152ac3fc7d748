import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

# For whoever calls pytest without a profile: other examples each time, and none too slow on a busy machine.
settings.register_profile("search", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("search")


def pytest_configure() -> None:
    """Let SIGINT and SIGQUIT end what tests start: a shell's background job is born deaf to them."""
    for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGQUIT, signal.SIG_DFL)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)


@pytest.fixture(scope="session", autouse=True)
def _state_of_their_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what tests start away from the state of whoever runs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", os.fspath(tmp_path_factory.mktemp("state-home")))
        yield


@pytest.fixture(scope="session", autouse=True)
def _english() -> Iterator[None]:
    """Let commands speak English here, whatever the locale of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LC_ALL", "C.UTF-8")
        yield


@pytest.fixture(autouse=True)
def _signals_as_before() -> Iterator[None]:
    """Give back the signals that a command has taken which a test has run in this process."""
    taken = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
    before = [(number, signal.getsignal(number)) for number in taken]
    yield
    for number, handler in before:
        if signal.getsignal(number) is not handler:
            signal.signal(number, handler)
