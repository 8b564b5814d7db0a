"""What an attacker or a slip may do, by the number it has in the security notes, and the tests that show the rule."""

from collections.abc import Mapping

_MATRIX = "reliability/test_fault_matrix.py"

#: Tests are `file::function` under tests/.
THREATS: Mapping[str, tuple[str, ...]] = {
    "8 secrets in files": (
        "manifest/test_secrets.py::test_a_secret_in_the_manifest_is_told_and_never_repeated",
        "reliability/test_canary_secrets.py::test_a_job_that_goes_well_tells_no_secret",
        "reliability/test_canary_secrets.py::test_wrong_secrets_are_not_repeated",
        "reliability/test_canary_secrets.py::test_a_connection_that_fails_tells_no_secret",
        "reliability/test_canary_secrets.py::test_the_log_of_a_bug_has_no_secret",
        "reliability/test_canary_secrets.py::test_what_tells_who_got_which_mail_is_for_its_owner_alone",
        "program/test_oauth.py::test_an_endpoint_that_repeats_the_request_does_not_make_it_known",
        "program/test_smtp.py::test_a_wrong_password_stops_the_run_and_is_nowhere_to_be_found",
    ),
    "9 an API key that travels in the body": (
        "reliability/test_canary_secrets.py::test_a_server_that_repeats_the_secrets_does_not_make_them_known",
    ),
    "10 formulas in reports": (
        "report/test_csv_report.py::test_no_cell_of_it_is_a_formula",
        "report/test_workbook.py::test_a_text_stays_one_even_when_the_cell_is_edited",
        "report/test_workbook.py::test_a_formula_is_never_written_as_one",
    ),
    "14 redirects, and TLS that proves nothing": (
        "reliability/test_threats.py::test_a_job_whose_provider_redirects_sends_nothing_anywhere_else",
        "providers/test_http_request.py::test_a_redirect_is_never_followed",
        f"{_MATRIX}::test_not_a_byte_of_a_mail_reaches_a_server_with_a_certificate_that_nobody_trusts",
        "providers/test_http_tls.py::test_the_certificate_of_another_host_stops_the_run_too",
    ),
    "15 addresses that lead inside": (
        "manifest/test_settings.py::test_other_addresses_are_told",
        "reliability/test_threats.py::test_an_address_that_leads_inside_is_found_by_the_plan_and_nothing_is_asked",
    ),
    "21 escape sequences": (
        "reliability/test_threats.py::test_what_steers_a_terminal_in_a_cell_does_not_reach_it",
        "cli/test_words.py::test_a_text_from_a_cell_cannot_steer_the_terminal",
        "cli/test_progress.py::test_a_cause_that_a_server_has_written_cannot_steer_the_terminal",
        "providers/test_answer.py::test_what_is_shown_is_short_and_harmless",
    ),
    "22 a journal that others may write": (
        "reliability/test_threats.py::test_a_send_refuses_a_journal_that_others_may_write",
        "journal/test_identity.py::test_a_journal_that_others_may_write_is_refused",
        "journal/test_identity.py::test_a_folder_that_a_group_may_write_is_refused",
    ),
}
