"""Elements are measured before a library descends into them; HTML as people write it is never too deep."""

import pytest

from batchmail.merge.depth import DEEPEST, TooDeep, require_shallow_html, require_shallow_xml

TABLE = "<table><tr><td><div>{}</div></td></tr></table>"


def nested(times: int) -> str:
    html = "x"
    for _ in range(times):
        html = TABLE.format(html)
    return html


@pytest.mark.parametrize(
    "html",
    [
        "<b>" * DEEPEST + "</b>" * DEEPEST,
        nested(DEEPEST // 4),
        TABLE.format("<br><img src='a.png'/>") * 1_000,
        "<p>one<p>two" * 1_000,
        f"<ul>{'<li>one<li><p>two' * 1_000}</ul>",
        f"<ul>{'<li><ul><li>one</ul>' * 1_000}</ul>",
        f"<table>{'<tr><td>one<td><p>two' * 1_000}</table>",
        f"<table><thead>{'<tr><th>one' * 1_000}<tbody>{'<tr><td>two' * 1_000}</table>",
        f"<dl>{'<dt>one<dd>two' * 1_000}</dl>",
        f"<select>{'<option>one' * 1_000}</select>",
        "<!--[if mso]><table><tr><td><![endif]-->x<!--[if mso]></td></tr></table><![endif]-->" * 1_000,
        "<DIV>x</div>" * 1_000,
        "a < b </p> </b>" * 1_000,
    ],
)
def test_what_people_write_is_shallow(html: str) -> None:
    require_shallow_html(html)


@pytest.mark.parametrize(
    "html",
    [
        "<b>" * (DEEPEST + 1),
        nested(DEEPEST // 4 + 1),
        "<div/>" * 1_000,
        "<div><table><tr><td></div>" * 1_000,
        "<b><div></b>" * 1_000,
        "<b><li></b><b><dd></b>" * 1_000,
        "<x><li></x><x><dd></x>" * 1_000,
        "<dd><li>" * 1_000,
        "".join(f"<p><b id={number}></p>" for number in range(1_000)),
        "<!-->" + "<b>" * 1_000 + "-->",
    ],
)
def test_what_a_browser_makes_deep_is_never_taken_for_shallow(html: str) -> None:
    with pytest.raises(TooDeep):
        require_shallow_html(html)


def test_xml_counts_every_element_that_is_not_empty() -> None:
    require_shallow_xml("<mjml>" + "<mj-image alt='a > b' />" * 1_000 + "<mj-text>x<br></mj-text>" * 1_000 + "</mjml>")
    require_shallow_xml("<b>" * DEEPEST + "</b>" * DEEPEST)
    for deep in ("<b>", "<p>", '<b title="<">', "<b title='>'>", "<x:b>"):
        with pytest.raises(TooDeep):
            require_shallow_xml(deep * (DEEPEST + 1))
