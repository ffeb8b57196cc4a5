"""Codes that change every half minute, as every authenticator app reckons them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.accounts.totp import address_of, code_of, counter_at, in_groups, matching_counter, new_secret

# RFC 6238, appendix B: the secret of its SHA-1 rows is the ASCII text 12345678901234567890.
SECRET_OF_THE_RFC = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
AT = datetime(2026, 11, 22, 9, 0, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_the_codes_are_those_of_the_rfc(seconds: int, code: str) -> None:
    counter = counter_at(datetime.fromtimestamp(seconds, UTC))
    assert code_of(SECRET_OF_THE_RFC, counter, digits=8) == code
    assert code_of(SECRET_OF_THE_RFC, counter) == code[2:]


@given(steps=st.integers(-5, 5), seconds=st.integers(0, 29))
def test_a_clock_half_a_minute_wrong_is_forgiven_and_no_more(steps: int, seconds: int) -> None:
    at = datetime(2026, 11, 22, 9, tzinfo=UTC) + timedelta(seconds=seconds)
    code = code_of(SECRET_OF_THE_RFC, counter_at(at) + steps)
    found = matching_counter(SECRET_OF_THE_RFC, code, at=at)
    assert found == (counter_at(at) + steps if abs(steps) <= 1 else None)


@pytest.mark.parametrize("code", ["", "000", "abcdef", "１２３４５６", "123456\x00", "9" * 1_000])
def test_what_is_no_code_matches_nothing(code: str) -> None:
    assert matching_counter(SECRET_OF_THE_RFC, code, at=AT) is None


def test_secrets_are_of_160_bits_and_never_the_same() -> None:
    secrets = {new_secret() for _ in range(50)}
    assert len(secrets) == 50
    assert {len(secret) for secret in secrets} == {32}
    assert in_groups(SECRET_OF_THE_RFC) == ["GEZD", "GNBV", "GY3T", "QOJQ"] * 2


def test_the_address_in_the_picture_names_what_apps_expect() -> None:
    address = address_of("ABCD", issuer="爱心联盟", account="小满/1 & 2")
    assert address == (
        "otpauth://totp/%E5%B0%8F%E6%BB%A1%2F1%20%26%202?secret=ABCD&issuer=%E7%88%B1%E5%BF%83%E8%81%94%E7%9B%9F"
    )
