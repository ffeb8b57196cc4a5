"""The little of DER (X.690) that a signature's frame needs."""


def der(tag: int, *contents: bytes) -> bytes:
    """A value with its tag and length."""
    whole = b"".join(contents)
    size = len(whole)
    long = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([tag, size] if size < 128 else [tag, 128 + len(long), *long]) + whole


def number(value: int) -> bytes:
    """A whole number that is not negative."""
    return der(0x02, value.to_bytes(value.bit_length() // 8 + 1))
