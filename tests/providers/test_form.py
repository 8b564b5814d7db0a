"""Forms: what is sent is what a form's reader finds, whatever is in it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from batchmail.providers.form import Form, FormFile, form, unused
from tests.providers.form_parts import parse_form

SEED = b"seed"
PLAIN = st.text(st.characters(exclude_characters='"\\\r\n'), min_size=1)


def boundary(filled: Form) -> bytes:
    return filled.content_type.partition("boundary=")[2].partition(";")[0].encode("ascii")


def test_a_form_is_written_as_the_standard_says() -> None:
    filled = form({"to": "kim@example.com"}, [FormFile("案内.txt", "text/plain", b"Dear\r\nall")], SEED)
    mark = boundary(filled).decode("ascii")
    assert filled.content_type == f"multipart/form-data; boundary={mark}; charset=UTF-8"
    assert b"".join(filled.body).decode("utf-8") == (
        f"--{mark}\r\n"
        'Content-Disposition: form-data; name="to"\r\n'
        "\r\n"
        "kim@example.com\r\n"
        f"--{mark}\r\n"
        'Content-Disposition: form-data; name="案内.txt"; filename="案内.txt"\r\n'
        "Content-Type: text/plain\r\n"
        "\r\n"
        "Dear\r\nall\r\n"
        f"--{mark}--\r\n"
    )


@given(texts=st.dictionaries(PLAIN, st.text(), min_size=1), files=st.dictionaries(PLAIN, st.binary()))
def test_whatever_is_in_a_form_is_found_in_it(texts: dict[str, str], files: dict[str, bytes]) -> None:
    given_files = [FormFile(name, "application/pdf", content) for name, content in files.items()]
    parts = parse_form(b"".join(form(texts, given_files, SEED).body))
    expected = [(name, None, "", text.encode("utf-8", "surrogatepass")) for name, text in texts.items()]
    assert parts == [*expected, *((name, name, "application/pdf", content) for name, content in files.items())]


@given(name=st.text(st.sampled_from('a"\\\r\n;')), media_type=st.text(st.sampled_from("a/\r\n")))
def test_no_name_adds_a_header_or_a_part(name: str, media_type: str) -> None:
    body = b"".join(form({"to": "x"}, [FormFile(name, media_type + "a", b"content")], SEED).body)
    [_, (_, _, _, content)] = parse_form(body)
    assert content == b"content"


def test_the_same_content_gives_the_same_bytes_and_another_seed_another_boundary() -> None:
    assert form({"to": "x"}, [], SEED) == form({"to": "x"}, [], SEED)
    assert boundary(form({"to": "x"}, [], SEED)) != boundary(form({"to": "x"}, [], b"other"))


def test_a_boundary_is_short_enough_for_the_standard() -> None:
    assert len(boundary(form({"to": "x"}, [], SEED))) <= 70


def test_a_boundary_that_occurs_in_the_form_is_not_used() -> None:
    usual = boundary(form({"text": ""}, [], SEED))
    within_text = form({"text": f"see {usual.decode('ascii')}!"}, [], SEED)
    within_file = form({"text": ""}, [FormFile("a.txt", "text/plain", b"--" + usual)], SEED)
    assert usual not in (boundary(within_text), boundary(within_file))
    assert unused([b"one", b"two"], [b"", b"someone"]) == b"two"


def test_a_files_content_is_a_piece_of_its_own() -> None:
    content = bytes(1_000_000)
    assert any(
        piece is content for piece in form({"to": "x"}, [FormFile("a.pdf", "application/pdf", content)], SEED).body
    )
