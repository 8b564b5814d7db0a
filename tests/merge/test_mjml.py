"""A body in MJML becomes HTML once, with the template's tags where they were."""

import pytest

from tests.merge.bench import Bench

BODY = """<mjml>
  <mj-body>
    {% if name == "Kim" %}
    <mj-section><mj-column>
      <mj-text>Dear {{ name }}{% for x in [1, 2] %}, {{ x }}{% endfor %}</mj-text>
      <mj-button href="https://example.com/{{ number }}">Open</mj-button>
    </mj-column></mj-section>
    {% else %}
    <mj-section><mj-column><mj-text>Nobody</mj-text></mj-column></mj-section>
    {% endif %}
  </mj-body>
</mjml>
"""


def test_mjml_is_compiled_and_merged(bench: Bench) -> None:
    bench.body_file("body.mjml", BODY)
    body = bench.message_of(name="Kim", number="7").body
    assert "Dear Kim, 1, 2<" in body
    assert 'href="https://example.com/7"' in body
    assert "Nobody" not in body
    assert "<mj-" not in body
    assert "Nobody" in bench.message_of(name="Lee").body
    assert bench.found == []


def test_cells_are_escaped_in_mjml_too(bench: Bench) -> None:
    bench.body_file("body.mjml", BODY.replace('"Kim"', '"<b>"'))
    assert "Dear &lt;b&gt;, 1" in bench.message_of(name="<b>").body


def test_the_faults_of_a_body_in_mjml_stand_at_its_own_lines(bench: Bench) -> None:
    bench.body_file("body.mjml", BODY.replace("{{ number }}", "{{ nmuber }}"))
    bench.merger()
    assert bench.found == [("template-unknown-name", f"{(bench.job.folder / 'body.mjml').as_posix()}:6:47")]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<mjml><mj-body>", "cannot be compiled"),
        ("{{ name }}", "cannot be compiled"),
        ("<mjml><mj-head>{% if name %}<mj-title>x</mj-title>{% endif %}</mj-head><mj-body></mj-body></mjml>", "{% if"),
        ("<mjml><mj-body>{% include 'x.html' %}</mj-body></mjml>", "one file"),
        (f"<mjml><mj-body>{'<mj-section>' * 2_000}{'</mj-section>' * 2_000}</mj-body></mjml>", "300 deep"),
    ],
)
def test_mjml_that_makes_no_html_is_a_finding(bench: Bench, body: str, said: str) -> None:
    (bench.job.folder / "x.html").write_text("x", encoding="utf-8")
    bench.body_file("body.mjml", body)
    assert bench.merge() is None
    (finding,) = bench.findings
    assert finding.rule == "template-syntax"
    assert said in finding.message
