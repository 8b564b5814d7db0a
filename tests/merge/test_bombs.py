"""A template that would never end, or fill the machine, ends in one finding; an honest one never notices."""

import pytest

from batchmail.merge.budget import LARGEST, Budget, TooLarge, weight
from batchmail.message import ContentType
from tests.merge.bench import Bench

WIDE = "{% set a = 'x' * 4000000 %}"
DOUBLING = "{% set ns = namespace(a='xxxxxxxxxx') %}{% for i in range(60) %}"

BOMBS = [
    "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
    "{% for a in range(99999) if a %}{% for b in range(99999) %}{{ loop.index }}{% endfor %}{% endfor %}",
    "{% for a in [1] recursive %}" + "{% for b in range(9999) %}" * 2 + "{% endfor %}" * 3,
    DOUBLING + "{% set ns.a = ns.a ~ ns.a %}{% endfor %}{{ ns.a | length }}",
    DOUBLING + "{% set ns.a = ns.a + ns.a %}{% endfor %}{{ ns.a | length }}",
    DOUBLING + "{% set ns.a = [ns.a, ns.a] %}{% endfor %}{{ ns.a | string | length }}",
    DOUBLING + "{% set ns.a = [ns.a, ns.a] %}{% endfor %}{{ ns.a | tojson | length }}",
    DOUBLING + "{% set ns.a = ns.a | replace('x', 'xx') %}{% endfor %}",
    DOUBLING + "{% set ns.a %}{{ ns.a }}{{ ns.a }}{% endset %}{% endfor %}",
    DOUBLING + "{% set ns.a = 3 ** 60 * ns.a | length ** 60 %}{% endfor %}",
    "{% set ns = namespace(n=9) %}{% for i in range(60) %}{% set ns.n = ns.n * ns.n %}{% endfor %}",
    "{% set ns = namespace(n=9) %}{% for i in range(60) %}{% set ns.n = ns.n ** 60 %}{% endfor %}",
    "{{ 'a' | center(2 * 10**9) }}",
    "{{ 'a' | indent(2 * 10**9, first=true) }}",
    "{{ ('a\n' * 100000) | indent('x' * 100000) }}",
    "{{ ('a ' * 1000000) | wordwrap(1, true, 'x' * 1000000) }}",
    "{{ '%2000000000d' | format(1) }}",
    "{{ '%*d' | format(2000000000, 1) }}",
    "{{ '%2000000000d' % 1 }}",
    "{{ '{:>2000000000}'.format(1) }}",
    "{{ '{:>{}}'.format(1, 2000000000) }}",
    "{{ ('%s' * 4000) | format(*(['x' * 10000] * 4000)) }}",
    "{{ ('a' * 1000000) | replace('a', 'b' * 1000000) }}",
    "{{ ('a' * 1000000).replace('', 'b' * 1000000) }}",
    "{{ range(99999) | join('x' * 1000000) }}",
    "{{ (['x' * 1000000] * 1000000) | join }}",
    "{{ ('x' * 1000000).join(range(99999) | map('string')) }}",
    "{{ [1] | batch(2 * 10**9, 'x') | list }}",
    "{{ [1] | slice(2 * 10**9) | list }}",
    "{{ 1.5 | round(2 * 10**9) }}",
    "{{ 'a'.center(2 * 10**9) }}",
    "{{ 'a'.ljust(2 * 10**9) }}",
    "{{ 'a'.rjust(2 * 10**9) }}",
    "{{ 'a'.zfill(2 * 10**9) }}",
    "{{ '\t'.expandtabs(2 * 10**9) }}",
    "{{ (1).to_bytes(2 * 10**9, 'big') }}",
    "{{ 'abc'.translate({97: 'x' * 1000000}) }}",
    "{{ 'a' * 10**9 }}",
    "{{ 10**9 * 'a' }}",
    "{{ [0] * 10**9 }}",
    "{{ 9 ** 99999 }}",
    WIDE + "{% for i in range(99999) %}{{ a }}{% endfor %}",
    WIDE + "{% for i in range(99999) %}{% if a == a ~ '' %}{% endif %}{% endfor %}",
    WIDE + "{% for i in range(99999) %}{% if 'y' in a %}{% endif %}{% endfor %}",
    WIDE + "{% for i in range(99999) %}{% set b = a[1:] %}{% endfor %}",
    WIDE + "{% for i in range(99999) %}{% set b = a | upper %}{% endfor %}",
    WIDE + "{% for i in range(99999) %}{% set b = a.lower() %}{% endfor %}",
    WIDE + "{% for i in range(99999) %}{% set b = a.count('y') %}{% endfor %}",
    "{% for i in range(99999) %}" + "text " * 1000 + "{% endfor %}",
    "{% macro m() %}" + "text " * 1000 + "{% endmacro %}{% for i in range(99999) %}{{ m() }}{% endfor %}",
    "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% for a in range(99999) %}{% for b in range(99) %}{{ 1234 | money('KRW', 'ko') }}{% endfor %}{% endfor %}",
    "{{ range(99999) | map('center', 9999) | list | length }}",
    "{{ ('www.a.jp ' * 400000) | urlize(target='x' * 10000) }}",
    "{{ [[1]] | sum(start='x' * 4000000) }}",
]


@pytest.mark.parametrize("body", BOMBS)
def test_a_bomb_ends_in_one_finding(bench: Bench, body: str) -> None:
    bench.message(body=body)
    assert bench.merge() is None
    assert [rule for rule, _ in bench.found] == ["template-failed"]


@pytest.mark.parametrize(
    "body",
    [
        "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
        "{% for a in [1] %}" * 40 + "{% endfor %}" * 40,
        "{{ " + "9" * 5000 + " }}",
        "{{ " + "not " * 5000 + "1 }}",
        "{{ " + "-" * 5000 + "1 }}",
        "{% if a %}" * 3000 + "{% endif %}" * 3000,
    ],
    ids=["brackets", "loops", "digits", "not", "minus", "ifs"],
)
def test_a_template_too_deep_to_be_compiled_is_a_finding(bench: Bench, body: str) -> None:
    bench.message(body=body.replace("if a", "if name"))
    assert bench.merge() is None
    assert [rule for rule, _ in bench.found] == ["template-syntax"]


def test_a_rendering_begins_anew_for_every_row(bench: Bench) -> None:
    bench.message(body="{% for i in range(20000) %}{{ name }}{% endfor %}", content_type=ContentType.TEXT)
    merger = bench.merger()
    lengths = {len(message.body) for _ in range(100) if (message := merger.merge(bench.row()))}
    assert lengths == {60_000}


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("{% for i in range(10000) %}x{% endfor %}", "x" * 10_000),
        ("{% for i in range(100) %}{% for j in range(100) %}{{ j }}{% endfor %}{% endfor %}", None),
        ("{{ 'x' * 4000000 }}", "x" * 4_000_000),
        ("{{ number.zfill(12) }}|{{ name.center(9) }}", "000000000042|   김민수   "),
        ("{{ '%s: %05.1f' | format(name, 2.25) }}", "김민수: 002.2"),
        ("{{ '{:>8}|{n}'.format(number, n=name) }}", "   00042|김민수"),
        ("{{ name ~ '-' ~ 1 ~ (number[1:]) }}", "김민수-10042"),
        ("{{ name.split('민') | join('+') }}", "김+수"),
        (
            "{% for x in ['b', 'a'] | sort recursive %}{{ loop.index }}/{{ loop.length }}{{ x }} {% endfor %}",
            "1/2a 2/2b ",
        ),
        ("{{ range(3) | map('string') | join(',') }}", "0,1,2"),
        ("{{ [1, 2] | map('upper') | first }}", "1"),
        ("{{ '%d%%' % 5 }}{{ 1 + 2 }}{{ 2 * 3 }}{{ 2 ** 10 }}{{ 7 % 4 }}", "5%3610243"),
    ],
)
def test_what_honest_templates_do_is_left_alone(bench: Bench, body: str, text: str | None) -> None:
    bench.message(body=body, content_type=ContentType.TEXT)
    message = bench.message_of()
    assert text is None or message.body == text


@pytest.mark.parametrize(
    "body", ["{{ name.upper }}", "{{ [name] }}", "{{ {'a': name} }}", "{{ range(3) }}", "{{ [name] | map('upper') }}"]
)
def test_the_insides_of_python_are_never_printed(bench: Bench, body: str) -> None:
    bench.message(body=body)
    assert bench.merge() is None
    (finding,) = bench.findings
    assert "the template prints a" in finding.message


def test_joined_texts_are_escaped_as_jinja_does_it(bench: Bench) -> None:
    bench.message(body="{{ name ~ ('<br>' | safe) ~ 1 }}|{{ name ~ '<' }}", subject="Hello")
    assert bench.message_of(name="<b>").body == "&lt;b&gt;<br>1|&lt;b&gt;&lt;"


def test_the_weight_of_a_list_within_a_list_within_a_list_is_found_quickly() -> None:
    nested: list[object] = ["x"]
    for _ in range(100):
        nested = [nested, nested]
    assert weight(nested) > LARGEST


def test_a_budget_ends() -> None:
    budget = Budget()
    with pytest.raises(TooLarge, match="5,000,000 characters"):
        budget.make(LARGEST + 1)
