import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.toolkit.address import Address, parse_address


@pytest.mark.parametrize(
    ("text", "host", "port", "url"),
    [
        (":10042", "", 10042, "http://localhost:10042"),
        ("0.0.0.0:1", "0.0.0.0", 1, "http://localhost:1"),  # noqa: S104 - read, not bound
        ("[::]:1", "::", 1, "http://localhost:1"),
        ("127.0.0.1:0", "127.0.0.1", 0, "http://127.0.0.1:0"),
        ("[::1]:65535", "::1", 65535, "http://[::1]:65535"),
        ("host.example:80", "host.example", 80, "http://host.example:80"),
    ],
)
def test_an_address_is_read(text: str, host: str, port: int, url: str) -> None:
    address = parse_address(text)
    assert (address, str(address), address.url()) == (Address(host, port), text, url)


@pytest.mark.parametrize("text", ["[0:0:0:0:0:0:0:0]:1", "[::0]:1", "[0::]:1"])
def test_an_address_of_ipv6_has_one_form(text: str) -> None:
    assert parse_address(text) == Address("::", 1)


@pytest.mark.parametrize(
    "text", ["", "10042", ":", "host", "::1:80", "host:", ":-1", ":+1", ":65536", ":1 ", ":\u0661", ":http"]
)
def test_what_is_no_address_is_named(text: str) -> None:
    with pytest.raises(ValueError, match=r"address|port") as caught:
        parse_address(text)
    assert repr(text) in str(caught.value)


@given(st.text())
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        address = parse_address(text)
    except ValueError:
        return
    assert 0 <= address.port < 2**16
    assert parse_address(str(address)) == address
