import bcrypt
import pytest

from support.certificates import Authority, Issued

SECRET = "correct horse"


@pytest.fixture(scope="session")
def hashed() -> str:
    """The hash of SECRET, as cheap as bcrypt can."""
    return bcrypt.hashpw(SECRET.encode(), bcrypt.gensalt(4)).decode()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def server(authority: Authority) -> Issued:
    return authority.issue("server")
