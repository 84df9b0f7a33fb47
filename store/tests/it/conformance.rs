//! What every store promises: functions over the trait, so that each implementation runs the same.

pub(crate) mod alerts;
pub(crate) mod custody;
pub(crate) mod evidence;
pub(crate) mod inquiry;
pub(crate) mod intervals;
pub(crate) mod outbox;
pub(crate) mod people;
pub(crate) mod register;
pub(crate) mod telemetry;
pub(crate) mod trail;

/// One test for each function of the suite, on fresh stores made by `$fresh`, which gives a store and what keeps it
/// alive.
macro_rules! conforms {
    ($fresh:path: $($subject:ident { $($fact:ident)+ })+) => {
        $(mod $subject {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $fact() {
                let (store, _alive) = $fresh().await;
                crate::conformance::$subject::$fact(&store).await;
            })+
        })+
    };
}

/// One test for each subject of the suite, with a server of its own that `$server` starts: for databases whose start is
/// most of a test. `fresh` gives an empty store on it.
macro_rules! conforms_by_subject {
    ($server:path: $($subject:ident { $($fact:ident)+ })+) => {
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $subject() {
            let server = $server().await;
            $({
                // Shown when a fact does not hold.
                println!("{}", stringify!($fact));
                let store = server.fresh(stringify!($fact)).await;
                crate::conformance::$subject::$fact(&store).await;
                store.close().await;
            })+
        })+
    };
}

/// What needs a second session beside an open transaction, which not every test database has.
macro_rules! conforms_beside_a_transaction {
    ($way:ident, $fresh:path) => {
        mod beside_a_transaction {
            $crate::conformance::$way! { $fresh:
                custody {
                    a_snapshot_stays_as_it_was
                }
            }
        }
    };
}

/// The whole suite.
macro_rules! conforms_to_all {
    ($way:ident, $fresh:path) => {
        $crate::conformance::$way! { $fresh:
            register {
                register_round_trips
                enrolling_again_changes_only_the_version
                enrolling_leaves_what_is_absent_and_replaces_conditions_as_a_whole
                overlapping_activations_are_refused_and_nothing_is_changed
                a_device_is_handed_over_in_one_enrolment_in_any_order
                an_activation_of_an_unknown_device_is_refused
                a_zone_version_never_changes_and_the_newest_counts
                zone_identities_are_given_once
                activations_never_overlap_whatever_comes
            }
            telemetry {
                a_batch_comes_back_whole
                a_repeated_batch_changes_nothing
                rows_of_committed_frames_are_dropped_and_the_rest_is_kept
                committed_ranges_merge_over_batches_and_epochs
                a_backlog_does_not_move_the_last_position_back
                identities_beyond_63_bits_come_back
                the_quarantine_is_bounded_and_counts_what_it_gave_up
                hostile_texts_and_bytes_are_cut_to_size
                batches_from_many_tasks_lose_nothing
            }
            trail {
                a_trail_pages_by_key_through_equal_times
                a_trail_is_attributed_through_activations
                a_trail_of_a_year_is_found_in_an_open_window
            }
            alerts {
                an_alert_comes_back_with_its_timeline
                an_older_version_never_replaces_a_newer_one
                a_merged_finding_leads_to_its_alert
                open_alerts_are_those_nobody_closed_and_history_pages_by_key
            }
            evidence {
                a_devices_frames_page_by_arrival
                a_wearers_alerts_are_found_by_time
                every_version_of_a_zone_stays
                chains_are_written_with_their_frames
            }
            inquiry {
                a_place_is_searched_with_its_basis_in_the_log_first
                a_place_is_searched_page_by_page_and_through_activations
                what_is_missing_of_a_trail_is_told
                what_came_of_everybodys_plan_is_told
                what_devices_told_comes_back_in_pages_and_through_activations
                alerts_are_searched_by_wearer_state_and_time
            }
            intervals {
                an_interval_comes_back_whole_and_is_amended_under_its_id
                one_without_length_goes_and_a_repeated_batch_changes_nothing
                intervals_page_by_key_through_equal_begins_and_only_those_that_touch_the_window
                a_batch_that_fails_leaves_no_interval
            }
            outbox {
                sets_are_written_over_and_read_by_device
                a_command_is_numbered_kept_until_it_is_settled_and_then_never_changed
                open_commands_of_a_device_are_bounded
                an_officers_key_is_numbered_and_revoked_once
                the_last_event_of_a_kind_is_found
                commands_go_with_a_forgotten_wearer
            }
            people {
                users_are_added_and_replaced
                settings_are_kept
                downlink_epochs_are_given_once
                the_audit_log_is_a_chain
                audit_entries_from_many_tasks_are_one_chain
            }
            custody {
                the_audit_log_is_searched_by_object_actor_and_time
                heads_are_kept_in_order_and_once
                a_log_that_nobody_touched_verifies
                every_entity_is_read_in_pages_and_nothing_comes_twice
                rows_that_are_there_already_are_refused_whole
                what_is_kept_about_a_wearer_comes_back
                a_hold_outlives_what_others_write_at_the_same_time
                history_is_deleted_by_wearer_and_time_and_nothing_else_goes
                a_frame_of_two_wearers_stays_until_both_are_gone
                a_hold_keeps_everything
                a_forgotten_wearer_leaves_order_and_activations_only
                a_protected_person_who_is_forgotten_stays_one
            }
        }
    };
}

pub(crate) use {conforms, conforms_beside_a_transaction, conforms_by_subject, conforms_to_all};
