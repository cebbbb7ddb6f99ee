"""Which test makes each event of the lifecycle happen; a new event needs a line here.

Keys are `region.event`; values name a test below tests/scenarios. The fixture in conftest.py
watches the ledger while such a test runs and fails it unless the event was recorded.
"""

from collections.abc import Iterator

JOURNEY, TIMERS = "test_journey.py::", "test_timers.py::"
INTAKE = "law/test_xukefa_29_32_intake.py::"
RIGHT, HEARING = "law/test_xukefa_47_hearing_right.py::", "law/test_xukefa_48_hearing.py::"
JOINT, MEETING = "law/test_zhejiang_18_joint_inspection.py::", "law/test_appointments.py::"
ACCEPTANCE = "law/test_xukefa_32_acceptance.py::"
DEFERRAL = "law/test_zhejiang_11_deferral.py::"
EXTENSION = "law/test_xukefa_42_extension.py::"
DELAY = "law/test_xukefa_42_delay_and_transfer.py::"
SPECIAL = "law/test_xukefa_45_special_procedures.py::"
REFUSALS = "law/test_xukefa_38_refusals.py::"
THIRD = "test_36_interested_persons_keep_their_right_when_the_applicant_gives_up"
ONCE = "test_correction_is_asked_once_never_empty_and_only_what_was_named"
REVOKED = "test_11_told_at_once_what_is_owed_by_when_and_revoked_when_it_does_not_come"
GIVEN_UP = "test_70_the_holder_asks_gets_a_receipt_and_the_department_decides"
PLEDGE = "law/test_zhejiang_14_pledge.py::"
RENEWAL = "law/test_xukefa_50_renewal.py::"
REVOCATION = "law/test_xukefa_69_revocation.py::"
REOPENING = "law/test_reopening.py::"
AGAIN = "law/test_certificates_issued_again.py::"
CANCELLATION = "law/test_xukefa_70_cancellation.py::"

CASE = {
    "submit": f"{JOURNEY}test_from_draft_to_the_results_in_hand",
    "request_correction": f"{TIMERS}test_an_unanswered_correction_lapses_the_day_after_it_was_due",
    "supplement": f"{JOURNEY}{ONCE}",
    "accept": f"{JOURNEY}test_from_draft_to_the_results_in_hand",
    "decline": f"{JOURNEY}test_declining_says_whose_business_it_is",
    "lapse": f"{TIMERS}test_an_unanswered_correction_lapses_the_day_after_it_was_due",
    "deem_accepted": f"{ACCEPTANCE}test_32_1_4_accepted_from_the_day_of_receipt",
    "revoke_acceptance": f"{DEFERRAL}{REVOKED}",
    "withdraw": f"{JOURNEY}test_withdrawing_ends_every_approval_while_nothing_is_decided",
    "stop": f"{JOURNEY}test_a_fatal_rejection_ends_the_case",
    "join": f"{JOURNEY}test_from_draft_to_the_results_in_hand",
    "close": f"{REFUSALS}test_38_all_refused_closes_the_case_with_a_decision_for_each",
    "hand_out": f"{JOURNEY}test_from_draft_to_the_results_in_hand",
    "collect": f"{JOURNEY}test_the_applicant_may_download_instead",
    "mend": f"{INTAKE}test_32_1_3_put_right_on_the_spot_with_a_record_of_before_and_after",
    "bring": f"{DEFERRAL}test_11_unfit_is_owed_again_and_the_last_day_stays",
    "receive_owed": f"{DEFERRAL}test_11_unfit_is_owed_again_and_the_last_day_stays",
    "ask_extension": f"{EXTENSION}test_42_2_fifteen_more_days_for_the_whole_by_the_government",
    "extend": f"{EXTENSION}test_42_2_fifteen_more_days_for_the_whole_by_the_government",
    "refuse_extension": f"{EXTENSION}test_42_2_the_government_may_refuse",
    "explain_delay": f"{DELAY}test_42_the_desk_explains_for_the_whole",
    "reopen": f"{REOPENING}test_a_refused_item_is_decided_anew_on_what_is_there",
}
APPROVAL = {
    "start": f"{JOURNEY}test_from_draft_to_the_results_in_hand",
    "open_batch": f"{TIMERS}test_a_batch_begins_together_after_the_window_has_closed",
    "forward": f"{JOURNEY}test_from_draft_to_the_results_in_hand",
    "elapse": f"{TIMERS}test_a_public_notice_runs_before_the_decision_outside_the_promise",
    "send_back": f"{REFUSALS}test_38_what_is_sent_back_begins_anew_with_reasons",
    "approve": f"{JOURNEY}test_from_draft_to_the_results_in_hand",
    "reject": f"{JOURNEY}test_a_rejected_item_leaves_the_others_alone",
    "cancel": f"{REFUSALS}test_38_what_a_refused_item_was_needed_for_is_cancelled",
    "end": f"{JOURNEY}test_withdrawing_ends_every_approval_while_nothing_is_decided",
    "forfeit": f"{DEFERRAL}test_11_where_the_guide_says_so_only_the_item_is_refused",
    "begin_special": f"{SPECIAL}test_45_ended_earlier_the_clock_runs_again_the_next_day",
    "end_special": f"{SPECIAL}test_45_ended_earlier_the_clock_runs_again_the_next_day",
    "suspend": f"{SPECIAL}test_45_suspended_only_for_listed_reasons_within_their_days_and_counted",
    "resume": f"{SPECIAL}test_45_suspended_only_for_listed_reasons_within_their_days_and_counted",
    "ask_extension": f"{EXTENSION}test_42_1_ten_more_days_by_the_head_of_the_department",
    "extend": f"{EXTENSION}test_42_1_ten_more_days_by_the_head_of_the_department",
    "refuse_extension": f"{EXTENSION}test_42_refused_with_reasons_it_may_be_asked_for_better",
    "explain_delay": f"{DELAY}test_42_the_reasons_stand_beside_the_light_that_came_on",
    "transfer": f"{DELAY}test_26_an_item_goes_to_the_department_whose_business_it_is",
    "offer_hearing": f"{RIGHT}test_47_the_applicant_may_take_back_what_they_asked",
    "ask_hearing": f"{RIGHT}test_47_the_applicant_may_take_back_what_they_asked",
    "waive_hearing": f"{RIGHT}test_47_the_applicant_may_take_back_what_they_asked",
    "enter_hearing": f"{RIGHT}{THIRD}",
    "call_hearing": f"{HEARING}test_48_the_decision_rests_on_the_record",
    "hold_hearing": f"{HEARING}test_48_the_decision_rests_on_the_record",
    "call_inspection": f"{JOINT}test_18_each_department_records_for_itself",
    "record_inspection": f"{JOINT}test_18_each_department_records_for_itself",
    "call_meeting": f"{MEETING}test_who_did_not_come_is_called_once_more_and_no_more",
    "record_meeting": f"{MEETING}test_who_did_not_come_is_called_once_more_and_no_more",
}
CERTIFICATE = {
    "order_mending": f"{PLEDGE}test_14_2_a_broken_pledge_is_mended_within_the_days_set",
    "confirm_mended": f"{PLEDGE}test_14_2_a_broken_pledge_is_mended_within_the_days_set",
    "revoke_certificate": f"{REVOCATION}test_69_an_open_check_of_the_pledge_ends_with_the_licence",
    "ask_renewal": f"{RENEWAL}test_50_a_term_and_the_term_that_continues_it",
    "renew": f"{RENEWAL}test_50_a_term_and_the_term_that_continues_it",
    "refuse_renewal": f"{RENEWAL}test_50_a_refusal_has_reasons_and_remedies_and_the_term_runs_on",
    "renew_tacitly": f"{RENEWAL}test_50_2_not_decided_by_the_last_day_is_renewed_by_law",
    "expire": f"{RENEWAL}test_50_what_nobody_renews_expires_the_day_after",
    "check_pledge": f"{PLEDGE}test_14_2_a_pledge_that_was_kept_is_done_with",
    "ask_reissue": f"{AGAIN}test_a_lost_one_is_issued_again_with_the_same_content",
    "reissue_certificate": f"{AGAIN}test_a_lost_one_is_issued_again_with_the_same_content",
    "correct_certificate": f"{AGAIN}test_a_wrong_entry_is_corrected_and_old_and_new_are_on_record",
    "refuse_request": f"{AGAIN}test_38_a_refusal_has_reasons_and_remedies_and_nothing_changes",
    "ask_cancellation": f"{CANCELLATION}{GIVEN_UP}",
    "cancel_certificate": f"{CANCELLATION}{GIVEN_UP}",
}
TRIED = {"case": CASE, "approval": APPROVAL, "certificate": CERTIFICATE}


def tried_by(node: str) -> Iterator[tuple[str, str]]:
    """(region, event) of everything that the test of this address has to make happen."""
    for region, events in TRIED.items():
        yield from ((region, event) for event, test in events.items() if test == node)


def region_of(chain: str) -> str:
    """Which kind of region a ledger chain belongs to."""
    kind = chain.partition("/")[0]
    return kind if kind in ("case", "certificate") else "approval"
