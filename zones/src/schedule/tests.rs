//! Days of 23, 24 and 25 hours; midnight; joined windows; the answers among each other.

use super::*;
use proptest::prelude::*;
use serde_json::json;

fn window(weekday: u8, from: (u16, u16), to: (u16, u16)) -> WeeklyWindow {
    WeeklyWindow { weekday, from_min: from.0 * 60 + from.1, to_min: to.0 * 60 + to.1 }
}

fn nightly() -> Schedule {
    let windows: Vec<WeeklyWindow> = (1..=7).map(|weekday| window(weekday, (22, 0), (6, 0))).collect();
    Schedule::new("Europe/Oslo", windows).unwrap()
}

fn at(text: &str) -> UnixMillis {
    UnixMillis(text.parse::<Timestamp>().unwrap().as_millisecond())
}

fn span(from: &str, to: &str) -> Interval {
    Interval::new(at(from), at(to))
}

#[test]
fn a_night_is_one_hour_shorter_in_spring_and_longer_in_autumn() {
    let spring = nightly().window_at(at("2026-03-29T00:30:00Z")).unwrap();
    assert_eq!(spring, span("2026-03-28T21:00:00Z", "2026-03-29T04:00:00Z"));
    let autumn = nightly().window_at(at("2026-10-25T01:30:00Z")).unwrap();
    assert_eq!(autumn, span("2026-10-24T20:00:00Z", "2026-10-25T05:00:00Z"));
    let usual = nightly().window_at(at("2026-06-01T21:00:00Z")).unwrap();
    assert_eq!(usual, span("2026-06-01T20:00:00Z", "2026-06-02T04:00:00Z"));
}

#[test]
fn a_skipped_local_time_is_the_moment_of_the_skip() {
    let sunday = |from, to| Schedule::new("Europe/Oslo", [window(7, from, to)]).unwrap();
    let skip = at("2026-03-29T01:00:00Z");
    let begins = sunday((2, 30), (5, 0)).window_at(skip).unwrap();
    assert_eq!(begins, span("2026-03-29T01:00:00Z", "2026-03-29T03:00:00Z"));
    let ends = sunday((1, 0), (2, 30)).window_at(at("2026-03-29T00:30:00Z")).unwrap();
    assert_eq!(ends, span("2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z"));
    assert_eq!(sunday((2, 10), (2, 50)).window_at(skip), None);
    for before in ["2026-03-28T12:00:00Z", "2026-03-22T01:50:00Z"] {
        let next = sunday((2, 10), (2, 50)).next_window(at(before)).unwrap();
        assert_eq!(next, span("2026-04-05T00:10:00Z", "2026-04-05T00:50:00Z"));
    }
}

#[test]
fn a_local_time_that_occurs_twice_is_the_first() {
    let sunday = Schedule::new("Europe/Oslo", [window(7, (2, 30), (4, 0))]).unwrap();
    let whole = sunday.window_at(at("2026-10-25T01:00:00Z")).unwrap();
    assert_eq!(whole, span("2026-10-25T00:30:00Z", "2026-10-25T03:00:00Z"));
    assert!(!sunday.holds_at(at("2026-10-25T00:29:59Z")));
}

#[test]
fn a_gap_that_the_skip_swallows_joins_its_windows() {
    let schedule =
        Schedule::new("Europe/Oslo", [window(6, (22, 0), (2, 0)), window(7, (3, 0), (8, 0))]).unwrap();
    let joined = schedule.window_at(at("2026-03-29T00:00:00Z")).unwrap();
    assert_eq!(joined, span("2026-03-28T21:00:00Z", "2026-03-29T06:00:00Z"));
    assert_eq!(schedule.next_change(at("2026-03-29T00:00:00Z")), Some(joined.to));
    let apart = schedule.window_at(at("2026-03-22T00:00:00Z")).unwrap();
    assert_eq!(apart, span("2026-03-21T21:00:00Z", "2026-03-22T01:00:00Z"));
}

#[test]
fn windows_that_touch_at_midnight_and_over_the_week_are_one() {
    let schedule =
        Schedule::new("Europe/Oslo", [window(7, (20, 0), (24, 0)), window(1, (0, 0), (7, 0))]).unwrap();
    let joined = schedule.window_at(at("2026-11-15T23:00:00Z")).unwrap();
    assert_eq!(joined, span("2026-11-15T19:00:00Z", "2026-11-16T06:00:00Z"));
    let zero_means_midnight = Schedule::new("Europe/Oslo", [window(7, (20, 0), (0, 0))]).unwrap();
    let whole = zero_means_midnight.window_at(at("2026-11-15T20:00:00Z")).unwrap();
    assert_eq!(whole, span("2026-11-15T19:00:00Z", "2026-11-15T23:00:00Z"));
}

#[test]
fn equal_begin_and_end_are_a_whole_day() {
    let schedule = Schedule::new("Europe/Oslo", [window(3, (8, 0), (8, 0))]).unwrap();
    let day = schedule.window_at(at("2026-11-18T12:00:00Z")).unwrap();
    assert_eq!(day, span("2026-11-18T07:00:00Z", "2026-11-19T07:00:00Z"));
}

#[test]
fn a_full_week_always_holds_and_never_changes() {
    let windows: Vec<WeeklyWindow> = (1..=7).map(|weekday| window(weekday, (0, 0), (24, 0))).collect();
    let always = Schedule::new("Europe/Oslo", windows).unwrap();
    let now = at("2026-03-29T01:00:00Z");
    assert!(always.holds_at(now) && always.holds_at(UnixMillis(i64::MAX)));
    assert_eq!(always.window_at(now), Some(Interval::ALWAYS));
    assert_eq!((always.next_window(now), always.next_change(now)), (None, None));
    let day = span("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z");
    assert_eq!(always.intervals(day.from, day.to).as_slice(), [day]);
}

#[test]
fn what_makes_no_sense_is_refused() {
    let refused = |name: &str, windows: &[WeeklyWindow]| Schedule::new(name, windows).unwrap_err();
    let fine = window(1, (8, 0), (9, 0));
    assert_eq!(refused("Europe/Olso", &[fine]), ScheduleError::TimeZone("Europe/Olso".to_owned()));
    assert_eq!(refused("Europe/Oslo", &[]), ScheduleError::NoWindow);
    assert_eq!(refused("Europe/Oslo", &[fine; 201]), ScheduleError::TooManyWindows);
    let eighth = WeeklyWindow { weekday: 8, ..fine };
    assert_eq!(refused("Europe/Oslo", &[fine, eighth]), ScheduleError::Weekday { window: 1, weekday: 8 });
    let late = WeeklyWindow { from_min: 1440, ..fine };
    assert_eq!(refused("Europe/Oslo", &[late]), ScheduleError::Minute { window: 0, minute: 1440 });
    let long = WeeklyWindow { to_min: 1441, ..fine };
    assert_eq!(refused("Europe/Oslo", &[long]), ScheduleError::Minute { window: 0, minute: 1441 });
}

#[test]
fn serialized_form_is_name_and_windows() {
    let plain =
        json!({ "time_zone": "Europe/Oslo", "windows": [{ "weekday": 5, "from_min": 1320, "to_min": 360 }] });
    let schedule: Schedule = serde_json::from_value(plain.clone()).unwrap();
    assert_eq!(serde_json::to_value(&schedule).unwrap(), plain);
    let unknown = json!({ "time_zone": "Mars/Olympus", "windows": [{ "weekday": 5, "from_min": 1320, "to_min": 360 }] });
    assert!(serde_json::from_value::<Schedule>(unknown).is_err());
}

#[test]
fn moments_beyond_all_calendars_are_answered() {
    for moment in [i64::MIN, i64::MAX, 0, MILLIS_MIN, MILLIS_MAX] {
        let schedule = nightly();
        schedule.holds_at(UnixMillis(moment));
        schedule.window_at(UnixMillis(moment));
        schedule.next_change(UnixMillis(moment));
    }
}

fn any_schedule() -> impl Strategy<Value = Schedule> {
    let one = (1..=7_u8, 0..1440_u16, 0..=1440_u16).prop_map(|(weekday, from_min, to_min)| WeeklyWindow {
        weekday,
        from_min,
        to_min,
    });
    let zone = prop::sample::select(vec![
        "Europe/Oslo",
        "Europe/Copenhagen",
        "America/Sao_Paulo",
        "Asia/Beirut",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "UTC",
    ]);
    (zone, prop::collection::vec(one, 1..6)).prop_map(|(zone, windows)| Schedule::new(zone, windows).unwrap())
}

/// Days with a change of clocks in one of the zones above, and one without.
fn any_day() -> impl Strategy<Value = UnixMillis> {
    prop::sample::select(vec![
        "2026-03-29T00:00:00Z",
        "2026-10-25T00:00:00Z",
        "2018-11-04T00:00:00Z",
        "2018-02-18T00:00:00Z",
        "2026-04-04T00:00:00Z",
        "2011-12-30T00:00:00Z",
        "2026-06-10T00:00:00Z",
    ])
    .prop_map(at)
}

proptest! {
    #[test]
    fn the_answers_agree_with_each_other_around_changes_of_clocks(schedule in any_schedule(), day in any_day()) {
        let (first, last) = (day.plus_s(-36 * 3600), day.plus_s(36 * 3600));
        let intervals = schedule.intervals(first, last);
        for minute in 0..72 * 60 {
            let now = first.plus_s(minute * 60);
            let holds = schedule.holds_at(now);
            prop_assert_eq!(holds, intervals.contains(now), "{:?}", now);
            if minute % 37 != 0 { continue }
            let window = schedule.window_at(now);
            prop_assert_eq!(holds, window.is_some());
            if let Some(window) = window {
                prop_assert!(window.contains(now) && !schedule.holds_at(window.to));
                prop_assert!(!schedule.holds_at(window.from.plus_ms(-1)));
                prop_assert_eq!(schedule.next_change(now), Some(window.to));
            }
            if let Some(next) = schedule.next_window(now) {
                prop_assert!(next.from > now && schedule.holds_at(next.from));
                prop_assert!(!schedule.holds_at(next.from.plus_ms(-1)));
                prop_assert_eq!(schedule.window_at(next.from), Some(next));
            }
        }
    }

    #[test]
    fn day_by_day_is_the_same_as_the_whole(schedule in any_schedule(), day in any_day()) {
        let days = (-10..10).map(|n| (day.plus_s(n * 86_400), day.plus_s((n + 1) * 86_400)));
        let parts: Intervals = days.flat_map(|(from, to)| schedule.intervals(from, to)).collect();
        let whole = schedule.intervals(day.plus_s(-10 * 86_400), day.plus_s(10 * 86_400));
        prop_assert_eq!(parts, whole);
    }

    #[test]
    fn an_unambiguous_local_time_is_inside_when_its_minute_is(schedule in any_schedule(), minutes in 0..100_000_i64) {
        let now = at("2026-04-07T00:00:00Z").plus_s(minutes * 60);
        let local = schedule.zone.to_datetime(timestamp(now));
        let minute = i64::from(local.weekday().to_monday_zero_offset()) * 1440
            + i64::from(local.hour()) * 60 + i64::from(local.minute());
        let expected = schedule.windows().iter().any(|window| {
            let from = (i64::from(window.weekday) - 1) * 1440 + i64::from(window.from_min);
            let length = (i64::from(window.to_min) - i64::from(window.from_min) + 1439).rem_euclid(1440) + 1;
            (minute - from).rem_euclid(10_080) < length
        });
        prop_assert_eq!(schedule.holds_at(now), expected);
    }
}

fn exception(effect: Effect, from: &str, to: &str) -> Exception {
    Exception { from: at(from), to: at(to), effect }
}

#[test]
fn an_exception_adds_and_another_removes() {
    let windows: Vec<WeeklyWindow> = (1..=7).map(|weekday| window(weekday, (22, 0), (6, 0))).collect();
    // Home over the whole of Ascension Day; away for two weeks of July, and one night of them at home.
    let exceptions = [
        exception(Effect::Add, "2026-05-13T22:00:00Z", "2026-05-14T22:00:00Z"),
        exception(Effect::Remove, "2026-07-06T06:00:00Z", "2026-07-20T06:00:00Z"),
        exception(Effect::Add, "2026-07-10T06:00:00Z", "2026-07-21T12:00:00Z"),
    ];
    let schedule = Schedule::with_exceptions("Europe/Oslo", windows, exceptions).unwrap();
    let joined = span("2026-05-13T20:00:00Z", "2026-05-15T04:00:00Z");
    assert_eq!(schedule.window_at(at("2026-05-14T12:00:00Z")), Some(joined));
    assert_eq!(schedule.window_at(at("2026-05-13T20:30:00Z")), Some(joined));
    assert_eq!(
        schedule.next_window(at("2026-07-06T05:00:00Z")),
        Some(span("2026-07-20T06:00:00Z", "2026-07-21T12:00:00Z"))
    );
    assert_eq!(schedule.next_change(at("2026-07-08T00:00:00Z")), Some(at("2026-07-20T06:00:00Z")));
    assert!(!schedule.holds_at(at("2026-07-10T23:00:00Z")));
    let json = serde_json::to_value(&schedule).unwrap();
    assert_eq!(json["exceptions"][0]["effect"], "add");
    assert_eq!(serde_json::from_value::<Schedule>(json).unwrap(), schedule);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "it is about time that passes")]
fn a_change_in_the_year_9000_costs_no_more_than_one_of_tomorrow() {
    let far = at("9000-01-01T00:00:00Z");
    let now = at("2026-11-22T12:00:00Z");
    let windows = nightly().windows().to_vec();
    let next = nightly().next_window(now).unwrap();
    let away = nightly().without(&Intervals::from_iter([Interval::new(now, far)]));
    let later = nightly().without(&Intervals::from_iter([Interval::new(far, far.plus_s(60))]));
    let of = |effect, from, to| {
        let exceptions = [Exception { from, to, effect }];
        Schedule::with_exceptions("Europe/Oslo", windows.clone(), exceptions).unwrap()
    };
    let home = of(Effect::Add, now, far);
    let once = of(Effect::Add, far, far.plus_s(60));
    let begun = std::time::Instant::now();
    for _ in 0..100 {
        assert_eq!((away.window_at(now), away.next_change(now)), (None, None));
        assert_eq!((later.window_at(now), later.next_window(now)), (None, Some(next)));
        assert_eq!((home.window_at(now), home.next_change(now)), (Some(Interval::new(now, far)), Some(far)));
        assert_eq!(once.next_window(now), Some(next));
    }
    // A century is 37 000 windows; walking through 70 of them takes minutes.
    assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
}

#[test]
fn what_the_last_of_many_exceptions_leaves_is_found() {
    // Away every night for a year, each night an exception of its own; and for three weeks at once after it.
    let first = at("2026-01-01T12:00:00Z");
    let mut exceptions: Vec<_> = (0..365)
        .map(|day| Exception {
            from: first.plus_s(day * 86_400),
            to: first.plus_s(day * 86_400 + 80_000),
            effect: Effect::Remove,
        })
        .collect();
    let (from, to) = (first.plus_s(365 * 86_400), first.plus_s(386 * 86_400));
    exceptions.push(Exception { from, to, effect: Effect::Remove });
    let schedule =
        Schedule::with_exceptions("Europe/Oslo", nightly().windows().to_vec(), exceptions).unwrap();
    let next = schedule.next_window(first).unwrap();
    assert_eq!(next, span("2027-01-22T21:00:00Z", "2027-01-23T05:00:00Z"));
}

#[test]
fn exceptions_without_sense_are_refused() {
    let of =
        |exceptions: Vec<Exception>| Schedule::with_exceptions("Europe/Oslo", [], exceptions).unwrap_err();
    let removes = exception(Effect::Remove, "2026-05-13T22:00:00Z", "2026-05-14T22:00:00Z");
    assert_eq!(of(vec![removes]), ScheduleError::NoWindow);
    let backwards = Exception { from: removes.to, to: removes.from, effect: Effect::Add };
    assert_eq!(of(vec![removes, backwards]), ScheduleError::EmptyException { exception: 1 });
    assert_eq!(of(vec![removes; EXCEPTIONS_MAX + 1]), ScheduleError::TooManyExceptions);
}

#[test]
fn an_addition_alone_holds_once() {
    let adds = exception(Effect::Add, "2026-05-13T22:00:00Z", "2026-05-14T22:00:00Z");
    let schedule = Schedule::with_exceptions("Europe/Oslo", [], [adds]).unwrap();
    assert_eq!(schedule.next_window(at("2020-01-01T00:00:00Z")), Some(Interval::new(adds.from, adds.to)));
    assert_eq!(schedule.next_window(adds.from), None);
    assert_eq!((schedule.window_at(adds.to), schedule.next_change(adds.to)), (None, None));
}

fn any_exceptions() -> impl Strategy<Value = Vec<Exception>> {
    // Around the spring of 2026 in quarters of an hour.
    let one = (0..3_000_i64, 1..1_200_i64, any::<bool>()).prop_map(|(from, length, adds)| {
        let from = at("2026-03-14T00:00:00Z").plus_s(from * 900);
        let effect = if adds { Effect::Add } else { Effect::Remove };
        Exception { from, to: from.plus_s(length * 900), effect }
    });
    prop::collection::vec(one, 0..6)
}

fn any_windows() -> impl Strategy<Value = Vec<WeeklyWindow>> {
    let one = (1..=7_u8, 0..1440_u16, 0..=1440_u16);
    prop::collection::vec(
        one.prop_map(|(weekday, from_min, to_min)| WeeklyWindow { weekday, from_min, to_min }),
        1..6,
    )
}

proptest! {
    #[test]
    fn exceptions_and_exempt_stretches_are_the_algebra_of_sets_of_moments(
        windows in any_windows(), exceptions in any_exceptions(), exempt in any_exceptions(),
        moments in prop::collection::vec(0..4_000_i64, 12),
    ) {
        let weekly = Schedule::new("Europe/Oslo", windows.clone()).unwrap();
        let dated = Schedule::with_exceptions("Europe/Oslo", windows, exceptions.clone()).unwrap();
        let exempt: Intervals = exempt.iter().map(|stretch| Interval::new(stretch.from, stretch.to)).collect();
        let rest = dated.without(&exempt);
        let during = |effect: Effect, t: UnixMillis| {
            exceptions.iter().any(|one| one.effect == effect && one.from <= t && t < one.to)
        };
        for quarter in moments {
            let t = at("2026-03-12T00:00:00Z").plus_s(quarter * 900);
            let expected = (weekly.holds_at(t) || during(Effect::Add, t)) && !during(Effect::Remove, t);
            prop_assert_eq!(dated.holds_at(t), expected);
            prop_assert_eq!(rest.holds_at(t), expected && !exempt.contains(t));
            check_answers(&rest, t)?;
        }
    }

    #[test]
    fn each_minute_of_each_day_is_in_exactly_one_state(
        windows in any_windows(), exceptions in any_exceptions(), exempt in any_exceptions(), day in 0..40_i64,
    ) {
        let schedule = Schedule::with_exceptions("Europe/Oslo", windows, exceptions).unwrap();
        let exempt: Intervals = exempt.iter().map(|stretch| Interval::new(stretch.from, stretch.to)).collect();
        let midnight = |day: i64| {
            let date = jiff::civil::date(2026, 3, 10).saturating_add(day.days());
            UnixMillis(date.in_tz("Europe/Oslo").unwrap().timestamp().as_millisecond())
        };
        let (from, to) = (midnight(day), midnight(day + 1));
        let minutes = to.since_ms(from) / 60_000;
        prop_assert!([23 * 60, 24 * 60].contains(&minutes), "{minutes}");
        let binds = schedule.without(&exempt).intervals(from, to);
        let holds = schedule.intervals(from, to);
        let exempted = holds.intersection(&exempt);
        let free = holds.complement(Interval::new(from, to));
        prop_assert_eq!(binds.length_ms() + exempted.length_ms() + free.length_ms(), minutes * 60_000);
        prop_assert!(binds.intersection(&exempted).is_empty() && binds.union(&exempted) == holds);
    }
}

/// What the answers of a schedule at a moment say of each other.
fn check_answers(schedule: &Schedule, t: UnixMillis) -> Result<(), TestCaseError> {
    let window = schedule.window_at(t);
    prop_assert_eq!(window.is_some_and(|window| window.contains(t)), schedule.holds_at(t));
    for window in window.iter().chain(&schedule.next_window(t)) {
        if *window == Interval::ALWAYS {
            continue;
        }
        if window.from != Interval::ALWAYS.from {
            prop_assert!(!schedule.holds_at(window.from.plus_ms(-1)));
            prop_assert_eq!(schedule.window_at(window.from), Some(*window));
        }
        if window.to != Interval::ALWAYS.to {
            prop_assert!(!schedule.holds_at(window.to));
            let hour = window.from.max(window.to.plus_s(-3600));
            let last = schedule.intervals(hour, window.to);
            prop_assert_eq!(last.as_slice(), &[Interval::new(hour, window.to)]);
        }
    }
    if let Some(next) = schedule.next_window(t) {
        // Nothing begins in between.
        let between = schedule.intervals(t, next.from);
        prop_assert!(between.iter().all(|part| part.from == t), "{between:?}");
        prop_assert!(next.from > t);
    }
    let change = schedule.next_change(t);
    let until = change.unwrap_or(t.plus_s(40 * 86_400));
    let same = schedule.intervals(t, until);
    let expected_ms = if schedule.holds_at(t) { until.since_ms(t) } else { 0 };
    prop_assert_eq!(same.length_ms(), expected_ms);
    if let Some(change) = change {
        prop_assert_ne!(schedule.holds_at(change), schedule.holds_at(t));
    }
    Ok(())
}
