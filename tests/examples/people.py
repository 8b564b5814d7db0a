"""People who do not exist, for the examples: the n-th is always the same."""

from dataclasses import dataclass
from unicodedata import normalize

_KOREAN = (
    "김 Kim, 이 Lee, 박 Park, 최 Choi, 정 Jung, 강 Kang, 조 Cho, 윤 Yoon, 장 Jang, 임 Lim",
    (
        "민수 Minsu, 서연 Seoyeon, 지훈 Jihun, 하은 Haeun, 도윤 Doyun, "
        "수빈 Subin, 예준 Yejun, 지우 Jiwoo, 현우 Hyunwoo, 유진 Yujin"
    ),
)
_JAPANESE = (
    (
        "髙橋 Takahashi, 佐藤 Sato, 鈴木 Suzuki, 田中 Tanaka, 伊藤 Ito, "
        "渡邊 Watanabe, 山本 Yamamoto, 中村 Nakamura, 小林 Kobayashi, 加藤 Kato"
    ),
    "一郎 Ichiro, 花子 Hanako, 健太 Kenta, 美咲 Misaki, 翔 Sho, 結衣 Yui, 大輔 Daisuke, 彩 Aya, 直樹 Naoki, 陽子 Yoko",
)
_EUROPEAN = (
    "Morgan, O'Brien, Fischer, Martin, Novak, Rossi, García, Lindqvist, Dubois, Hughes",
    "Alice, Brendan, Clara, David, Elena, Frank, Grace, Hugo, Irène, Jonas",
)


@dataclass(frozen=True, slots=True)
class Person:
    """A name as its bearer writes it, the same in Latin letters, and the part of an address before the @."""

    name: str
    latin: str
    mailbox: str


def person(number: int) -> Person:
    """The person of a number from 0; Koreans, Japanese and Europeans take turns, and no two of 300 are the same."""
    turn, position = number % 3, number // 3
    surnames, given_names = ([each.split() for each in names.split(", ")] for names in _FAMILIES[turn])
    surname = surnames[position % 10]
    given = given_names[(position // 10 + position) % 10]
    native = {0: f"{surname[0]}{given[0]}", 1: f"{surname[0]} {given[0]}", 2: f"{given[0]} {surname[0]}"}[turn]
    return Person(native, f"{given[-1]} {surname[-1]}", f"{_plain(given[-1])}.{_plain(surname[-1])}")


_FAMILIES = (_KOREAN, _JAPANESE, _EUROPEAN)


def _plain(name: str) -> str:
    """Only what needs no thought in an address."""
    return "".join(
        character for character in normalize("NFD", name).lower() if character.isascii() and character.isalpha()
    )
