//! The contract of the store. Every function in the modules below takes a freshly opened store; the list at the end runs them
//! over SQLite, and another backend runs the same list.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on stops")]

mod accounts;
mod attempts;
mod bench;
mod enrolment;
mod links;
mod load;
mod lot;
mod pendings;
mod rates;
mod self_service;
mod sessions;
mod sign_in;
mod sqlite;
mod trail;

macro_rules! contract {
    ($($module:ident: $($name:ident),+;)+) => {
        mod over_sqlite {
            $(mod $module {
                $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    crate::store::$module::$name(crate::store::bench::Bench::sqlite().await).await;
                })+
            })+
        }
    };
}

contract! {
    accounts:
        an_account_is_read_back_as_it_was_made,
        a_login_id_is_taken_once,
        many_accounts_are_made_at_once_or_none,
        disabling_ends_everything_and_enabling_brings_nothing_back,
        unlocking_takes_off_the_lock_and_what_led_to_it,
        an_unlock_can_ask_for_recovery_and_no_code_gets_around_it,
        reset_mfa_leaves_one_link_and_nothing_else,
        removing_leaves_only_the_trail,
        a_password_is_rehashed_only_if_it_is_still_the_old_one,
        unknown_accounts_change_nothing;
    links:
        a_link_lives_until_its_end,
        a_new_link_kills_the_older_ones,
        the_first_password_is_set_once,
        a_recovery_grant_sets_no_password;
    rates:
        a_bucket_holds_its_burst_and_refills_one_by_one,
        all_buckets_are_charged_or_none,
        a_refund_gives_back_one,
        two_hundred_parallel_charges_take_exactly_the_burst,
        charges_survive_a_crash;
    pendings:
        a_pending_login_is_read_back_as_it_was_made,
        it_needs_an_enabled_account_of_the_same_epoch,
        eleven_of_a_kind_push_out_the_oldest_of_that_kind,
        a_secret_is_staged_only_at_setup,
        a_device_of_another_account_is_no_known_browser;
    attempts:
        the_last_attempt_destroys_the_pending_login,
        fifty_parallel_reservations_never_exceed_a_budget,
        unknown_browsers_lock_and_known_ones_go_on,
        a_known_browser_beyond_its_budget_counts_as_unknown,
        every_span_of_the_budget_holds,
        signing_out_before_the_answer_does_not_save_from_the_lock,
        a_voided_attempt_is_given_back_once,
        at_setup_only_the_pending_login_counts,
        the_budget_survives_new_pending_logins_successes_and_crashes;
    enrolment:
        the_wizard_from_invitation_to_verify,
        without_a_live_grant_nothing_is_enabled,
        enabling_ends_everything_else_and_takes_off_a_lock,
        a_recovery_code_works_once_and_ends_everything_else,
        an_operators_link_ends_what_was_left_half_way,
        recovery_is_refused_where_it_has_no_place,
        recovery_codes_are_replaced_only_at_their_stage,
        fifty_parallel_recoveries_with_one_code;
    sign_in:
        a_sign_in_makes_a_session_and_a_known_browser,
        fifty_parallel_sign_ins_with_one_step,
        a_step_is_used_up_over_all_surfaces,
        a_sign_in_needs_its_reserved_attempt,
        a_sign_in_needs_the_stage_and_the_time,
        a_used_step_stores_nothing_and_stays_counted,
        a_confirm_moves_window_and_token,
        fifty_parallel_confirms_with_one_step,
        attempts_inside_a_session_are_counted,
        a_known_browser_is_replaced_at_the_next_sign_in;
    self_service:
        a_change_leaves_one_session_and_one_browser,
        a_proof_holds_for_its_session_epoch_and_step,
        fifty_parallel_changes_with_one_step,
        only_the_staged_secret_takes_the_place_of_the_old_one,
        what_is_staged_dies_with_its_session_and_its_time,
        own_sessions_and_browsers_are_ended_by_their_owner_alone;
    sessions:
        a_snapshot_holds_what_lives,
        the_feed_tells_every_change_in_order,
        sessions_end_one_by_one_by_account_and_all,
        nothing_is_left_of_sessions_that_end_all_at_once,
        sessions_are_listed_in_order_part_by_part,
        settings_are_kept_and_their_change_is_told,
        last_seen_never_goes_back,
        the_high_water_mark_only_rises,
        a_sweep_forgets_what_has_expired_and_nothing_else,
        old_changes_are_forgotten_and_no_number_comes_twice,
        everything_survives_a_crash;
    lot:
        it_is_listed_for_its_session_or_browser_alone,
        a_browser_keeps_its_cookie_as_long_as_that_leads_somewhere,
        the_wait_that_is_told_is_that_for_a_place,
        nobody_takes_more_than_their_share_and_all_have_a_bound,
        fifty_at_once_keep_within_the_share,
        a_ticket_is_good_for_one_claim_in_its_place_and_time,
        fifty_parallel_claims_with_one_ticket,
        claiming_and_discarding_at_once_do_one_of_both,
        what_was_not_sent_waits_and_what_was_answered_is_over,
        what_is_discarded_is_over,
        a_new_session_adopts_what_its_browser_left,
        revocation_leaves_nothing_to_send,
        a_session_that_lapsed_has_an_owner_and_one_that_was_ended_has_none,
        what_was_claimed_is_claimed_after_a_crash;
    trail:
        records_come_in_order_and_by_login_and_time,
        a_whole_chain_is_whole,
        failures_become_one_record_an_hour,
        too_many_kinds_of_failures_share_one_record,
        nothing_done_nothing_recorded,
        parallel_events_make_one_chain;
    load:
        a_hundred_thousand_sessions_are_read_at_once;
}
