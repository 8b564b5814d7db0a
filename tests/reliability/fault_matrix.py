"""Every fault on the way to a provider, what it proves, and the tests that show it.

Phases come from what httpx and httpcore were measured to do, statuses from RFC 9110, SMTP from RFC 5321. The proof is
one of two: the mail was not handed over completely, or an answer says that it was refused and not processed. All else
is in doubt.
"""

from dataclasses import dataclass
from enum import StrEnum


class Class(StrEnum):
    """What follows from a fault."""

    SAFE = "not taken, tried again"
    DOUBT = "in doubt, never sent again by itself"
    SENT = "sent"
    REJECTED = "rejected, the message is at fault"
    STOP = "not taken, the run stops"
    PLANNED = "found by the plan, before anything is sent"


@dataclass(frozen=True, slots=True)
class Cell:
    """A row of the table: tests are `file::function` under tests/, and hold for every transport that they name."""

    fault: str
    follows: Class
    tests: tuple[str, ...]


_HTTP = "reliability/test_fault_matrix.py"
_SMTP = "providers/test_smtp_faults.py"
_SAFE = f"{_HTTP}::test_a_mail_that_was_not_handed_over_completely_was_not_taken"
_UNREACHED = f"{_HTTP}::test_a_server_that_is_not_reached_has_nothing_and_costs_no_attempt"
_DOUBT = f"{_HTTP}::test_a_mail_without_an_answer_is_in_doubt_and_the_server_gets_it_once_at_most"
_STATUS = f"{_HTTP}::test_a_status_proves_what_it_proves"
_SMTP_BEFORE = f"{_SMTP}::test_before_the_mail_was_handed_over_nothing_is_in_doubt"
_SMTP_SILENT = f"{_SMTP}::test_a_server_that_falls_silent_before_has_nothing"
_SMTP_PART = f"{_SMTP}::test_a_mail_of_which_a_part_is_missing_was_not_taken"
_SMTP_AFTER = f"{_SMTP}::test_once_it_was_handed_over_only_a_reply_can_tell"
_SMTP_SILENT_AFTER = f"{_SMTP}::test_a_server_that_falls_silent_after_the_mail_leaves_it_in_doubt"

_CANCELLED = (
    "executor/test_stopping.py::test_the_second_interruption_waits_for_nothing_and_what_was_in_flight_is_in_doubt"
)

#: What the connection does.
CONNECTION = (
    Cell(
        "the name cannot be resolved",
        Class.SAFE,
        ("providers/test_http.py::test_a_name_that_cannot_be_resolved_is_named",),
    ),
    Cell(
        "refused",
        Class.SAFE,
        (_UNREACHED, "providers/test_smtp_sender.py::test_a_server_that_is_not_there_is_tried_again"),
    ),
    Cell(
        "untrusted certificate",
        Class.STOP,
        (
            f"{_HTTP}::test_not_a_byte_of_a_mail_reaches_a_server_with_a_certificate_that_nobody_trusts",
            "providers/test_smtp_sender.py::test_a_certificate_that_nobody_trusts_stops_the_run_before_anybody_logs_in",
        ),
    ),
    Cell("accept queue full", Class.SAFE, (_UNREACHED,)),
    Cell("TLS peer silent", Class.SAFE, (_UNREACHED, _SMTP_SILENT)),
    Cell(
        "pool exhausted",
        Class.SAFE,
        (f"{_HTTP}::test_every_worker_has_a_connection_of_its_own_and_waits_for_none",),
    ),
    Cell("bad scheme, bad URL", Class.STOP, (f"{_HTTP}::test_an_address_that_is_none_stops_the_run",)),
    Cell(
        "CR or LF in a header's value",
        Class.PLANNED,
        (
            "providers/test_credential.py::test_what_no_header_can_hold_is_no_token",
            f"{_HTTP}::test_a_header_that_cannot_be_stops_the_run_before_a_byte_of_the_mail",
        ),
    ),
    Cell("body stalled", Class.SAFE, (_SAFE, _SMTP_PART)),
    Cell("reset while the body is sent", Class.SAFE, (_SAFE, _SMTP_PART)),
    Cell("closed on accept, small body", Class.DOUBT, (_DOUBT,)),
    Cell("reset after the body", Class.DOUBT, (_DOUBT, _SMTP_AFTER)),
    Cell(
        "closed after the body; stale connection",
        Class.DOUBT,
        (
            _DOUBT,
            f"{_HTTP}::test_a_kept_connection_that_ends_as_the_next_mail_arrives_leaves_that_in_doubt",
            _SMTP_AFTER,
        ),
    ),
    Cell("silence after the body", Class.DOUBT, (_DOUBT, _SMTP_SILENT_AFTER)),
    Cell("garbage or half a header", Class.DOUBT, (_DOUBT, _SMTP_AFTER)),
    Cell("200, then a body that is cut", Class.SENT, (f"{_HTTP}::test_a_status_that_was_seen_stands", _SMTP_AFTER)),
    Cell(
        "cancelled while it is sent",
        Class.DOUBT,
        (
            "executor/test_stopping.py::test_the_first_interruption_waits_for_what_is_in_flight",
            _CANCELLED,
            f"{_HTTP}::test_cancelling_a_mail_never_sends_it_again",
        ),
    ),
)

#: What is answered.
STATUS = (
    Cell("2xx", Class.SENT, (_STATUS,)),
    Cell("301 302 307 308", Class.STOP, (_STATUS, "providers/test_http_request.py::test_a_redirect_is_never_followed")),
    Cell("303", Class.DOUBT, (_STATUS,)),
    Cell("400 405 411 413 414 415 422", Class.REJECTED, (_STATUS,)),
    Cell("404", Class.STOP, (_STATUS,)),
    Cell(
        "401",
        Class.STOP,
        (
            _STATUS,
            "providers/test_oauth.py::test_sixteen_connections_renew_once",
            "providers/test_oauth.py::test_a_new_token_that_is_refused_at_once_closes_the_run",
            "executor/test_expired_token.py::test_all_who_had_the_old_token_try_again_and_no_slower_than_before",
        ),
    ),
    Cell("403", Class.STOP, (_STATUS,)),
    Cell(
        "408",
        Class.DOUBT,
        (_STATUS, "providers/test_http.py::test_an_answer_to_half_a_mail_proves_that_it_was_not_taken"),
    ),
    Cell("409", Class.REJECTED, (_STATUS,)),
    Cell(
        "425 429",
        Class.SAFE,
        (_STATUS, f"{_HTTP}::test_a_rate_limit_says_how_long_to_wait_and_uses_up_no_attempt"),
    ),
    Cell("500 502 504", Class.DOUBT, (_STATUS,)),
    Cell("503 with Retry-After", Class.SAFE, (_STATUS,)),
    Cell("503 without", Class.DOUBT, (_STATUS,)),
    Cell("501 505", Class.REJECTED, (_STATUS,)),
    Cell("SMTP 4yz before the final dot", Class.SAFE, (_SMTP_BEFORE,)),
    Cell("SMTP 5yz before the final dot", Class.REJECTED, (_SMTP_BEFORE,)),
    Cell("SMTP, no reply after the final dot", Class.DOUBT, (_SMTP_AFTER, _SMTP_SILENT_AFTER)),
)
