import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.payload import Limits, PayloadError, decode_json, encode_json


@pytest.mark.parametrize(
    "payload",
    [
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": 1e999}',
        b'{"a": 1, "a": 2}',
        b"\xef\xbb\xbf{}",
        '{"a": 1}'.encode("utf-16"),
        b'{"a": "\xff"}',
        b'{"a": "\\ud800"}',
        b"[" * 100_000 + b"]" * 100_000,
        b"9" * 5000,
        b"{",
        b'{"a": 1} x',
    ],
)
def test_what_strict_json_is_not_is_refused(payload: bytes) -> None:
    with pytest.raises(PayloadError):
        decode_json(payload, Limits(size=1 << 20))


def test_size_is_checked_before_parsing() -> None:
    with pytest.raises(PayloadError, match="larger than 10 bytes"):
        decode_json(b'{"a": [1, 2, 3]}', Limits(size=10))


def test_brackets_inside_a_text_are_not_depth() -> None:
    assert decode_json(json.dumps({"a": "[" * 50}).encode()) == {"a": "[" * 50}


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text('abc{}[]\\" é', max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=3), inner),
    max_leaves=8,
)


@given(values)
def test_what_is_encoded_is_decoded(value: object) -> None:
    assert decode_json(encode_json(value)) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_decoded_or_refused(payload: bytes) -> None:
    with contextlib.suppress(PayloadError):
        decode_json(payload)
