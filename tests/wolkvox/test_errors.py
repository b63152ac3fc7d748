from exporter.wolkvox.errors import MAX_MESSAGE_CHARACTERS, Cause, RequestFailed, one_line


def test_the_causes_are_a_closed_set_in_the_order_of_the_metric() -> None:
    assert " ".join(Cause) == (
        "auth quota concurrency forbidden timeout connection tls http_status redirect too_large decode shape"
    )


def test_a_failure_is_one_line() -> None:
    failure = RequestFailed(Cause.QUOTA, "HTTP 403", http_status=403)
    assert str(failure) == "quota: HTTP 403"
    assert repr(failure) == "RequestFailed('quota', 'HTTP 403', http_status=403)"
    assert failure.hint == ""


def test_one_line_keeps_printable_characters_and_cuts() -> None:
    assert one_line(" a\r\n\tb\x00\x1b[31mñ ") == "a b [31mñ"
    assert one_line("x" * 10_000) == "x" * MAX_MESSAGE_CHARACTERS
