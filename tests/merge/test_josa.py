"""A Korean particle takes the form that the word before it asks for."""

import pytest

from batchmail.merge.josa import UnknownParticle, with_particle


@pytest.mark.parametrize(
    ("word", "particle", "text"),
    [
        ("김민수", "은/는", "김민수는"),
        ("김민준", "은/는", "김민준은"),
        ("사과", "을", "사과를"),
        ("수박", "를", "수박을"),
        ("서울", "으로/로", "서울로"),
        ("부산", "로", "부산으로"),
        ("제주", "으로", "제주로"),
        ("책", "과/와", "책과"),
        ("삼성(주)", "이/가", "삼성(주)이"),
        ("「나무」", "을/를", "「나무」를"),
        ("2026", "은/는", "2026은"),
        ("10", "으로/로", "10으로"),
        ("1", "으로/로", "1로"),
        ("100", "을/를", "100을"),
        ("1000000", "이/가", "1000000이"),
        ("0", "은/는", "0은"),
        ("CEO", "이/가", "CEO가"),
        ("PDF", "을/를", "PDF를"),
        ("HTML", "으로/로", "HTML로"),
        ("A", "은/는", "A는"),
        ("髙橋", "은/는", "髙橋은(는)"),
        ("Smith", "이/가", "Smith이(가)"),
        ("Smith", "으로/로", "Smith(으)로"),
        ("Smith", "이나/나", "Smith(이)나"),
        ("", "은/는", "은(는)"),
    ],
)
def test_the_form_follows_the_sound_before_it(word: str, particle: str, text: str) -> None:
    assert with_particle(word, particle) == text


def test_what_is_no_particle_is_told_with_those_that_are() -> None:
    with pytest.raises(UnknownParticle, match="은/는, 이/가"):
        with_particle("김", "을/가")
