"""Whatever the file holds: findings or a job, never an exception."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.manifest.desk import Desk, with_lines
from tests.manifest.test_loading import WHOLE

#: What YAML is made of, so that arbitrary texts are often nearly YAML.
PIECES = st.sampled_from(
    [
        *"\n:- \t[]{},'\"|>&*!%@`#?~",
        ": ",
        "- ",
        "\n  ",
        "{{ a }}",
        "&a ",
        "*a",
        "!!str ",
        "<<: ",
        "---\n",
        "...\n",
        "%YAML 1.1\n",
        '"\\u',
        "\ufeff",
        "\u2028",
        "é",
        "📧",
        "null",
        "key",
        "message:",
        "provider:",
        "kind: post",
        "accessToken:",
    ]
)

KEYS = st.sampled_from(
    [
        "version name edition provider recipients message send report kind userId accessToken consent baseUrl plan",
        "attachmentLimit port downgrade file rows sheet header encoding key where duplicates fields suppress type",
        "format required unique min choices to cc from subject body text contentType isSendSeparately attachments",
        "path cid concurrency rate attempts timeout combine canary stopAfter rejected env keyring 1 <<",
    ]
).flatmap(lambda words: st.sampled_from(words.split()))
SCALARS = st.one_of(
    st.sampled_from(
        ["", "~", "1", '"1"', "true", "no", "20MB", "120s", "200/min", "post", "people.csv", "{{a}}", "a: b"]
    ),
    st.text("ab1'\"\\ \u3000", max_size=5),
)


def flow(value: Any) -> str:  # noqa: ANN401  a tree of lists, dictionaries and texts
    """A tree as YAML's flow style writes it."""
    match value:
        case dict():
            return f"{{{', '.join(f'{key}: {flow(inner)}' for key, inner in value.items())}}}"
        case list():
            return f"[{', '.join(map(flow, value))}]"
        case _:
            return str(value)


TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=15,
)


def is_told(desk: Desk, content: str | bytes) -> None:
    """A manifest comes to a job or to findings, and every finding says where and what to do."""
    loaded = desk.load(content)
    assert loaded.job is not None or loaded.findings.blocking
    for finding in loaded.findings:
        assert finding.where is not None
        assert finding.message
        assert finding.hint
        assert finding.message.isprintable() or "\u3000" in finding.message


@settings(deadline=None)
@given(content=st.binary(max_size=200))
def test_arbitrary_bytes_are_told(lasting_desk: Desk, content: bytes) -> None:
    is_told(lasting_desk, content)


@settings(deadline=None, max_examples=300)
@given(text=st.lists(PIECES, max_size=30).map("".join))
def test_arbitrary_near_yaml_is_told(lasting_desk: Desk, text: str) -> None:
    is_told(lasting_desk, text)


@settings(deadline=None, max_examples=300)
@given(root=st.dictionaries(KEYS, TREES, max_size=8))
def test_arbitrary_values_under_known_keys_are_told(lasting_desk: Desk, root: dict[str, Any]) -> None:
    is_told(lasting_desk, "".join(f"{key}: {flow(value)}\n" for key, value in root.items()))


@settings(deadline=None, max_examples=200)
@given(
    part=st.sampled_from(["", "provider", "recipients", "message", "send"]),
    values=st.dictionaries(KEYS, TREES, min_size=1, max_size=3),
)
def test_arbitrary_values_in_a_good_manifest_are_told(lasting_desk: Desk, part: str, values: dict[str, Any]) -> None:
    is_told(lasting_desk, with_lines(part, *(f"{key}: {flow(value)}" for key, value in values.items())))


@settings(deadline=None, max_examples=200)
@given(data=st.data())
def test_a_good_manifest_with_a_piece_put_in_or_cut_out_is_told(lasting_desk: Desk, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(WHOLE)))
    end = data.draw(st.integers(start, min(len(WHOLE), start + 10)))
    is_told(lasting_desk, WHOLE[:start] + data.draw(PIECES) + WHOLE[end:])
