"""One pass over the sheet: every row counted, checked, and told apart from every other."""

import gc
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from batchmail.delivery import DeliveryState, Envelope, Mailing, Transition
from batchmail.errors import InputChanged
from batchmail.finding import Finding, Findings
from batchmail.job import (
    DuplicatePolicy,
    FieldSpec,
    FieldType,
    Job,
    MessageSpec,
    ProviderSpec,
    RecipientsSpec,
    TemplateText,
)
from batchmail.journal.base import Clash, Roster
from batchmail.journal.memory import MemoryJournal
from batchmail.location import Location, TextLocation
from batchmail.merge import make_merger
from batchmail.message import Address, Message
from batchmail.planning import Feed, Planner, Stamp
from batchmail.planning.planner import CLASHES_SHOWN
from batchmail.providers.base import Capabilities, Feature
from batchmail.row import ReadRow, Row
from batchmail.simulation import SimulatedClock

COLUMNS = ("number", "email", "text")
WHERE = TextLocation(Path("job.yaml"), 1, 1)
NOW = "2026-10-31T09:00:00+09:00"


class ListSheet:
    """A sheet made of a list."""

    path = Path("people.csv")
    name = ""
    columns: tuple[str, ...] = COLUMNS
    digest = "00"

    def __init__(self, *rows: tuple[str, str, str]) -> None:
        self.table = rows

    def rows(self) -> Iterator[Row]:
        return (Row(position, position + 1, texts) for position, texts in enumerate(self.table, 1))

    def place(self, row: Row, column: int | None = None) -> Location:
        return TextLocation(self.path, row.line, None if column is None else column + 1)

    def header_place(self, column: int | None = None) -> Location:
        return TextLocation(self.path, 1, column)


def template(text: str) -> TemplateText:
    return TemplateText(text, TextLocation(Path("job.yaml"), 1, 1))


def read(row: Row) -> ReadRow:
    return ReadRow(row, row.texts, {})


class Desk:
    """Plans a list of rows, and keeps what came of it."""

    def __init__(
        self,
        *rows: tuple[str, str, str],
        duplicates: DuplicatePolicy = "error",
        where: str = "",
        unique: tuple[str, FieldType] | None = None,
    ) -> None:
        """`unique` is a column whose values may not repeat, with its type."""
        self.sheet = ListSheet(*rows)
        self.findings = Findings()
        self.journal = MemoryJournal(Mailing("test"))
        message = MessageSpec(
            to=(template("{{ email }}"),),
            subject=template("Hello"),
            body=template("{{ text }}"),
            send_separately=True,
        )
        condition = template(where) if where else None
        self.job = Job(
            path=Path("job.yaml"),
            mailing=Mailing("test"),
            provider=ProviderSpec("test", None),
            recipients=RecipientsSpec(
                Path("people.csv"),
                key=("number",),
                duplicates=duplicates,
                condition=condition,
                fields={unique[0]: FieldSpec(unique[0], WHERE, unique[1], unique=True)} if unique else {},
            ),
            message=message,
        )

    def plan(self) -> Roster:
        merger = make_merger(self.job, COLUMNS, self.sheet.place, self.findings)
        capabilities = Capabilities(frozenset(Feature))
        self.planner = Planner(self.job, self.sheet, read, merger, capabilities, self.findings)
        roster = self.journal.roster()
        self.planner.run(roster, self.journal.deliveries)
        return roster

    def envelopes(self, combine: int = 100) -> Iterator[Envelope]:
        merger = make_merger(self.job, COLUMNS, self.sheet.place, Findings())
        stamp = Stamp(self.job.mailing, SimulatedClock())
        return Feed(self.sheet, read, merger, stamp).envelopes(self.journal.batches(combine))

    @property
    def found(self) -> list[tuple[str, str]]:
        return [(finding.rule, str(finding.where)) for finding in self.findings]


A = ("1", "a@example.com", "one")
B = ("2", "b@example.com", "two")


def test_every_row_is_counted() -> None:
    desk = Desk(A, B, ("3", "c@@example.com", "x"), where="text != 'two'")
    standing = desk.plan().standing(100)
    assert (desk.planner.tally.rows, desk.planner.tally.unwanted, desk.planner.tally.blocked) == (3, 1, 1)
    assert (standing.send, standing.skipped) == (1, 1)


def test_a_key_that_stands_twice_is_found_at_the_second_row() -> None:
    desk = Desk(A, B, ("1", "c@example.com", "three"))
    desk.plan()
    assert desk.found == [("row-duplicate-key", "people.csv:4:1")]
    (finding,) = desk.findings
    assert "people.csv:2:1" in finding.message


def test_keys_are_compared_with_those_of_rows_that_have_findings_of_their_own() -> None:
    desk = Desk(A, ("1", "bad@@example.com", "x"))
    desk.plan()
    assert desk.found == [("row-duplicate-key", "people.csv:3:1"), ("row-bad-address", "people.csv:3:2")]


def test_the_same_mail_to_the_same_address_is_found() -> None:
    desk = Desk(A, B, ("3", "a@example.com", "one"))
    desk.plan()
    assert desk.found == [("row-duplicate-mail", "people.csv:4:1")]


def test_another_mail_to_the_same_address_is_told_once_and_sent() -> None:
    desk = Desk(A, ("3", "A@example.com", "another"), ("4", "a@example.com", "one more"))
    standing = desk.plan().standing(1)
    assert desk.found == [("same-address-twice", "people.csv:3:2")]
    (finding,) = desk.findings
    assert finding.message == "one address gets several mails, each another one: a@example.com, also at people.csv:2:2"
    assert standing.send == 3


def test_rows_that_are_left_out_make_nobody_get_two_mails() -> None:
    desk = Desk(
        A, ("1", "a@example.com", "another"), ("4", "a@example.com", "two"), duplicates="first", where="number < '4'"
    )
    desk.plan()
    assert desk.found == []


def test_a_value_that_stands_twice_where_it_may_not_is_found_at_the_second_row() -> None:
    desk = Desk(A, B, ("3", "A@Example.com", "three"), unique=("email", "email"))
    standing = desk.plan().standing(100)
    assert desk.found == [("row-not-unique", "people.csv:4:2")]
    assert (standing.send, desk.planner.tally.blocked) == (2, 1)


class LastLook(Findings):
    """Findings that count the clashes in memory when so many findings are there."""

    def __init__(self, last: int) -> None:
        super().__init__()
        self._last = last
        self.clashes = 0

    def add(self, finding: Finding) -> Finding:
        found = super().add(finding)
        if len(self) == self._last:
            self.clashes = sum(isinstance(each, Clash) for each in gc.get_objects())
        return found


def test_of_a_value_that_every_row_has_no_more_clashes_are_kept_than_shown() -> None:
    rows = 3 * CLASHES_SHOWN
    people = [(str(number), f"{number}@example.com", "same") for number in range(rows)]
    desk = Desk(*people, unique=("text", "text"))
    again = desk.findings = LastLook(last=rows - 1)
    standing = desk.plan().standing(100)
    assert desk.findings.count("row-not-unique") == rows - 1
    assert sum(str(finding.where) != "people.csv" for finding in desk.findings) == CLASHES_SHOWN
    assert (standing.send, desk.planner.tally.blocked) == (1, rows - 1)
    assert 0 < again.clashes <= CLASHES_SHOWN + 1


def test_values_that_differ_in_the_case_of_letters_alone_are_two_where_they_are_texts() -> None:
    desk = Desk(A, ("2", "b@example.com", "ONE"), unique=("text", "text"))
    desk.plan()
    assert desk.found == []


def test_rows_that_are_left_out_take_no_value_away() -> None:
    desk = Desk(A, ("2", "a@example.com", "two"), where="text != 'two'", unique=("email", "email"))
    desk.plan()
    assert desk.found == []


def test_a_blank_key_is_found() -> None:
    desk = Desk(A, ("", "b@example.com", "x"))
    desk.plan()
    assert desk.found == [("row-blank-key", "people.csv:3:1")]


@pytest.mark.parametrize(("policy", "kept"), [("first", "one"), ("last", "three")])
def test_of_rows_with_one_key_the_policy_keeps_one_under_the_plain_key(policy: DuplicatePolicy, kept: str) -> None:
    desk = Desk(A, B, ("1", "a@example.com", "three"), duplicates=policy)
    roster = desk.plan()
    assert desk.found == []
    roster.enrol(NOW)
    mails = {envelope.deliveries[0].key: envelope.message.body for envelope in desk.envelopes()}
    assert mails == {"1": kept, "2": "two"}


def test_allowed_duplicates_are_all_sent_each_under_a_key_of_its_own() -> None:
    desk = Desk(A, ("1", "c@example.com", "x"), ("1", "d@example.com", "x"), duplicates="allow")
    desk.plan().enrol(NOW)
    keys = [delivery.key for envelope in desk.envelopes() for delivery in envelope.deliveries]
    assert keys == ["1", "1#2", "1#3"]


def test_allowed_duplicates_keep_their_keys_wherever_they_stand() -> None:
    desk = Desk(A, ("1", "a@example.com", "two"), ("1", "b@example.com", "two"), duplicates="allow")
    desk.plan().enrol(NOW)
    ids = [delivery.id for envelope in desk.envelopes(1) for delivery in envelope.deliveries]
    for step in (DeliveryState.SENDING, DeliveryState.SENT):
        desk.journal.record([Transition(each, step, 1, NOW, request=1) for each in ids])

    desk.sheet.table = (("1", "c@example.com", "new"), ("1", "a@example.com", "edited"), *reversed(desk.sheet.table))
    roster = desk.plan()
    roster.enrol(NOW)
    assert [(e.message.body, e.deliveries[0].key) for e in desk.envelopes(1)] == [
        ("new", "1#4"),
        ("edited", "1#5"),
    ]

    desk.sheet.table = (("1", "b@example.com", "two"), ("1", "a@example.com", "corrected"))
    assert desk.plan().standing(1).send == 0


def keys_to_be_sent(desk: Desk) -> list[tuple[str, str]]:
    """The key and the address of each mail that is sent now."""
    return [(each.key, each.to[0]) for envelope in desk.envelopes(1) for each in envelope.deliveries]


def with_the_first_of_two_sent() -> Desk:
    """Two rows with one key, of which the first has got its mail and the second is still queued."""
    desk = Desk(A, ("1", "b@example.com", "two"), duplicates="allow")
    desk.plan().enrol(NOW)
    first = next(desk.envelopes(1)).deliveries[0].id
    desk.journal.record([Transition(first, DeliveryState.SENDING, 1, NOW, request=1)])
    desk.journal.record([Transition(first, DeliveryState.SENT, 1, NOW, request=1)])
    return desk


def test_an_allowed_duplicate_gets_its_mail_also_when_the_one_before_has_left_the_sheet() -> None:
    desk = with_the_first_of_two_sent()
    desk.sheet.table = desk.sheet.table[1:]
    desk.plan().enrol(NOW)
    assert keys_to_be_sent(desk) == [("1#2", "b@example.com")]


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("already_planned", [False, True])
def test_an_allowed_duplicate_gets_its_mail_also_when_the_one_before_is_left_out(
    *, turned: bool, already_planned: bool
) -> None:
    desk = with_the_first_of_two_sent()
    if not already_planned:
        desk.sheet.table = (A, ("1", "new@example.com", "two"))
    if turned:
        desk.sheet.table = (desk.sheet.table[1], desk.sheet.table[0])
    desk.job = replace(desk.job, recipients=replace(desk.job.recipients, condition=template("text != 'one'")))
    desk.plan().enrol(NOW)
    expected = ("1#2", "b@example.com") if already_planned else ("1#3", "new@example.com")
    assert keys_to_be_sent(desk) == [expected]


def test_a_row_alone_with_its_key_gets_nothing_twice_though_the_plain_key_was_never_sent() -> None:
    desk = Desk(A, ("1", "b@example.com", "two"), duplicates="allow")
    roster = desk.plan()
    roster.restrict(["1#2"])
    roster.enrol(NOW)
    desk.sheet.table = desk.sheet.table[1:]
    assert [row.key for row in desk.plan().rows()] == ["1#2"]


def test_a_row_alone_with_its_key_is_no_new_mail_when_its_address_is_corrected() -> None:
    desk = with_the_first_of_two_sent()
    desk.sheet.table = (("1", "corrected@example.com", "one"),)
    assert (desk.plan().standing(1).send, desk.plan().standing(1).changed_since_sent) == (0, 1)


def test_allowed_duplicates_find_new_keys_however_many_there_have_been() -> None:
    desk = Desk(*(("1", f"p{n}@example.com", "x") for n in range(250)), duplicates="allow")
    desk.plan().enrol(NOW)
    ids = [delivery.id for envelope in desk.envelopes(1) for delivery in envelope.deliveries]
    for step in (DeliveryState.SENDING, DeliveryState.SENT):
        desk.journal.record([Transition(each, step, 1, NOW, request=1) for each in ids])

    desk.sheet.table = (("1", "new@example.com", "x"), ("1", "p249@example.com", "x"), ("1", "newer@example.com", "x"))
    roster = desk.plan()
    assert [row.key for row in roster.rows()] == ["1#251", "1#250", "1#252"]
    assert roster.standing(1).send == 2


def test_identical_mails_travel_together_in_the_order_of_the_sheet() -> None:
    rows = [(str(n), f"p{n}@example.com", "odd" if n % 2 else "even") for n in range(1, 8)]
    desk = Desk(*rows)
    roster = desk.plan()
    assert roster.standing(3).requests == 3
    roster.enrol(NOW)
    sent = [(e.message.body, [a.mailbox[:2] for a in e.message.to]) for e in desk.envelopes(combine=3)]
    assert sent == [("odd", ["p1", "p3", "p5"]), ("odd", ["p7"]), ("even", ["p2", "p4", "p6"])]


def changed_text(sheet: ListSheet) -> None:
    sheet.table = (A, ("2", "b@example.com", "changed"))


def changed_address(sheet: ListSheet) -> None:
    sheet.table = (A, ("2", "boss@example.com", "two"))


def lost_row(sheet: ListSheet) -> None:
    sheet.table = (A,)


@pytest.mark.parametrize("change", [changed_text, changed_address, lost_row])
def test_a_row_that_is_no_longer_as_planned_is_not_sent(change: Callable[[ListSheet], None]) -> None:
    desk = Desk(A, B)
    desk.plan().enrol(NOW)
    change(desk.sheet)
    envelopes = desk.envelopes()
    assert next(envelopes).message.body == "one"
    with pytest.raises(InputChanged, match="`2`"):
        next(envelopes)


def test_a_name_beside_the_address_is_no_other_than_the_planned_one() -> None:
    desk = Desk(A, B)
    desk.job = replace(
        desk.job, message=replace(desk.job.message, to=(template("{{ text }} <{{ email }}>"),), body=None)
    )
    desk.plan().enrol(NOW)
    changed_text(desk.sheet)
    envelopes = desk.envelopes()
    assert next(envelopes).message.to[0].name == "one"
    with pytest.raises(InputChanged, match="`2`"):
        next(envelopes)


def test_a_name_that_comes_or_goes_is_no_planned_one() -> None:
    bare = Message((Address("kim@example.com"), Address("lee@example.com")), "Hello", "Hi")
    named = [
        bare.addressed((Address("kim@example.com", "Kim"), bare.to[1])),
        bare.addressed((bare.to[0], Address("lee@example.com", "Kim"))),
    ]
    assert len({each.content_digest() for each in (bare, *named)}) == 3
    assert {each.nameless.content_digest() for each in named} == {bare.content_digest()}


def test_mails_that_differ_in_the_name_beside_the_address_alone_are_the_same_mail_twice() -> None:
    desk = Desk(A, ("2", "a@example.com", "two"))
    desk.job = replace(
        desk.job, message=replace(desk.job.message, to=(template("{{ text }} <{{ email }}>"),), body=None)
    )
    desk.plan()
    assert desk.found == [("row-duplicate-mail", "people.csv:3:1")]


def test_samples_are_the_first_the_shortest_and_the_longest() -> None:
    desk = Desk(A, ("2", "b@example.com", "x"), ("3", "c@example.com", "x" * 99), ("4", "d@example.com", "xyz"))
    desk.plan()
    assert [(sample.why, str(sample.where)) for sample in desk.planner.sampler.samples()] == [
        ("first", "people.csv:2"),
        ("shortest", "people.csv:3"),
        ("longest", "people.csv:4"),
    ]


def test_people_who_see_each_other_are_counted_and_told_once_at_the_widest_mail() -> None:
    desk = Desk(A, ("2", "b@example.com", "c@example.com"), ("3", "c@example.com", "boss@example.com"))
    copies = (template("boss@example.com"), template("{{ text if '@' in text else 'boss@example.com' }}"))
    desk.job = replace(desk.job, message=replace(desk.job.message, send_separately=False, cc=copies))
    desk.plan()
    assert desk.found == [("recipients-see-each-other", "people.csv:3")]
    (finding,) = desk.findings
    assert "of 3 mails see each other; the widest has 3: b@example.com, boss@example.com, c@" in finding.message


def test_rows_are_never_put_into_one_mail_whose_readers_would_see_each_other() -> None:
    desk = Desk(A, ("2", "b@example.com", "one"), ("3", "c@example.com", "one"))
    desk.job = replace(desk.job, message=replace(desk.job.message, send_separately=False))
    desk.plan().enrol(NOW)
    assert [[to.mailbox for to in e.message.recipients] for e in desk.envelopes()] == [
        ["a@example.com"], ["b@example.com"], ["c@example.com"],
    ]  # fmt: skip


def test_a_slip_of_a_domain_is_told_at_its_cell_with_both_and_their_numbers() -> None:
    rows = [(str(n), f"p{n}@example.com", "x") for n in range(1, 41)]
    desk = Desk(*rows, ("41", "kim@exmaple.com", "x"), ("42", "lee@exmaple.com", "x"))
    desk.plan()
    assert desk.found == [("address-look-alike", "people.csv:42:2")]
    (finding,) = desk.findings
    assert "exmaple.com (2 addresses) looks like example.com (40 addresses)" in finding.message


def test_letters_of_other_alphabets_are_told_in_both_forms() -> None:
    desk = Desk(("1", "a@аррӏе.com", "x"), ("2", "kim@pаypal.com", "x"), ("3", "pаypal@example.com", "x"))
    desk.plan()
    assert desk.found == [("address-look-alike", f"people.csv:{line}:2") for line in (2, 3, 4)]
    first, second, _ = (finding.message for finding in desk.findings)
    assert "xn--80ak6aa92e.com (аррӏе.com, 1 address) looks like apple.com" in first
    assert "(pаypal.com, 1 address) mixes letters of alphabets" in second


def test_old_mobile_addresses_are_sent_to_as_they_are_written_and_told() -> None:
    desk = Desk(("1", "kim..lee@docomo.ne.jp", "x"), ("2", "a.@ezweb.ne.jp", "y"))
    desk.plan().enrol(NOW)
    assert desk.found == [("address-old-mobile", "people.csv:2:2"), ("address-old-mobile", "people.csv:3:2")]
    assert [e.message.to[0].mailbox for e in desk.envelopes()] == ["kim..lee@docomo.ne.jp", "a.@ezweb.ne.jp"]


@pytest.mark.parametrize("address", ["a..b@softbank.ne.jp", ".a@docomo.ne.jp", "a..b@example.com", "a..b@docomo.com"])
def test_such_dots_are_taken_from_no_others(address: str) -> None:
    desk = Desk(("1", address, "x"))
    desk.plan()
    assert desk.found == [("row-bad-address", "people.csv:2:2")]


def test_a_mail_keeps_its_identity_whenever_it_is_put_into_an_envelope() -> None:
    desk = Desk(A, B)
    desk.plan().enrol(NOW)
    first, again = ([e.message.identity for e in desk.envelopes(1)] for _ in range(2))
    assert first == again
    assert len(set(first)) == 2


def test_a_mail_has_the_time_at_which_it_was_put_into_its_envelope() -> None:
    desk = Desk(A)
    desk.plan().enrol(NOW)
    (envelope,) = desk.envelopes()
    assert envelope.message.date == SimulatedClock().now()
