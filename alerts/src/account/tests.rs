//! The account against a plain reading of its rules, moment by moment; sums, days and the clocks' changes.

use super::*;
use crate::{Condition, IntervalId, OrderId, Permission, PermissionReason, Subject, SupervisionPlan};
use lenke_wire::{DeviceId, Position};
use lenke_zones::{
    Assignment, Calendar, ConfirmPolicy, Geometry, Metres, Schedule, WearerId, WeeklyWindow, ZoneId, ZoneKind,
};
use proptest::prelude::*;

const WEARER: WearerId = WearerId(42);
const VICTIM: WearerId = WearerId(800);
const SCHOOL: ZoneId = ZoneId(1);
const HOME: ZoneId = ZoneId(2);
const PARK: ZoneId = ZoneId(3);
const CURFEW: ConditionId = ConditionId(1);
const KEEP_OUT: ConditionId = ConditionId(2);
const PROTECT: ConditionId = ConditionId(3);
const TRAIL: ConditionId = ConditionId(4);
const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;

fn moment(text: &str) -> UnixMillis {
    UnixMillis(text.parse::<jiff::Timestamp>().expect("a timestamp").as_millisecond())
}

fn schedule(from_min: u16, to_min: u16) -> Schedule {
    let windows: Vec<_> = (1..=7).map(|weekday| WeeklyWindow { weekday, from_min, to_min }).collect();
    Schedule::new("Europe/Oslo", windows).expect("a schedule")
}

fn zone(id: ZoneId, kind: ZoneKind, schedule: Option<Schedule>) -> Zone {
    let centre = Position::from_degrees(59.9, 10.7).expect("Oslo");
    Zone {
        id,
        version: 1,
        name: format!("zone {}", id.0),
        kind,
        geometry: Geometry::circle(centre, Metres(100.0)).expect("a circle"),
        buffer: Metres(0.0),
        policy: ConfirmPolicy::default(),
        schedule,
        assignment: Assignment::Personal(WEARER),
    }
}

fn zones() -> Vec<Zone> {
    vec![
        zone(SCHOOL, ZoneKind::Exclusion, Some(schedule(8 * 60, 16 * 60))),
        zone(HOME, ZoneKind::Inclusion, None),
        zone(PARK, ZoneKind::Exclusion, None),
    ]
}

fn wearer(permissions: &[(ZoneId, i64, i64)]) -> Wearer {
    let mut rules = vec![
        ConditionRule::Curfew {
            zone: HOME,
            schedule: schedule(22 * 60, 6 * 60),
            grace_s: 600,
            not_returned_s: 3600,
            unknown_s: 3600,
        },
        ConditionRule::Exclusion { zone: SCHOOL },
        ConditionRule::VictimProtection { victim: VICTIM, alert_m: 500.0, pre_alert_m: 1000.0 },
        ConditionRule::TrailMonitoring,
    ];
    rules.extend(permissions.iter().map(|&(zone, from, to)| {
        let (from, to) = (UnixMillis(from), UnixMillis(to));
        ConditionRule::Permission(Permission::new(zone, from, to, PermissionReason::Work).unwrap())
    }));
    let conditions = (1..).zip(rules).map(|(id, rule)| Condition { id: ConditionId(id), rule }).collect();
    Wearer {
        id: WEARER,
        order: OrderId(9),
        order_version: 1,
        conditions,
        groups: Vec::new(),
        plan: SupervisionPlan::default(),
        home_units: Vec::new(),
    }
}

fn record(kind: IntervalKind, from: UnixMillis, to: Option<UnixMillis>) -> IntervalRecord {
    let subject = match kind {
        IntervalKind::Home | IntervalKind::Away => Subject::Condition(CURFEW),
        IntervalKind::Inside => Subject::Zone(SCHOOL),
        IntervalKind::Crossed => Subject::Zone(PARK),
        IntervalKind::Near | IntervalKind::Blind => Subject::Victim(VICTIM),
        IntervalKind::StrapOpen => Subject::Device(DeviceId::new(42)),
        IntervalKind::Watched | IntervalKind::Silent | IntervalKind::Unplaced => Subject::Wearer,
    };
    IntervalRecord {
        id: IntervalId::new(WEARER, kind, subject, from),
        wearer: WEARER,
        order: OrderId(9),
        order_version: 1,
        kind,
        subject,
        zone: None,
        rule: "test/1".to_owned(),
        from,
        to,
        uncertain: false,
        late: false,
        alert: None,
        known_at: from,
    }
}

/// A case that owns its parts.
#[derive(Clone, Debug)]
struct File {
    wearer: Wearer,
    zones: Vec<Zone>,
    fitted: Intervals,
    records: Vec<IntervalRecord>,
    heard_at: Option<UnixMillis>,
    now: UnixMillis,
}

impl File {
    fn new(from: &str, now: &str) -> Self {
        let (from, now) = (moment(from), moment(now));
        Self {
            wearer: wearer(&[]),
            zones: zones(),
            fitted: Intervals::from_iter([Interval::new(from, UnixMillis(i64::MAX))]),
            records: vec![record(IntervalKind::Watched, from, None)],
            heard_at: Some(now),
            now,
        }
    }

    fn case(&self) -> Case<'_> {
        let Self { wearer, zones, fitted, records, heard_at, now } = self;
        Case { wearer, zones, fitted, records, heard_at: *heard_at, now: *now }
    }

    fn account(&self) -> ComplianceAccount {
        ComplianceAccount::new(&self.case(), Interval::ALWAYS)
    }

    fn add(&mut self, kind: IntervalKind, from: &str, to: Option<&str>) {
        self.records.push(record(kind, moment(from), to.map(moment)));
    }
}

/// What one line is at one moment, read off the rules.
fn plainly(file: &File, clause: Clause, at: UnixMillis) -> (State, bool) {
    let wearer = &file.wearer;
    let case_end = |record: &IntervalRecord| record.to.unwrap_or(file.now);
    let holds = |record: &&IntervalRecord| record.from <= at && at < case_end(record);
    let length = |record: &IntervalRecord| case_end(record).since_ms(record.from);
    let rule = match clause {
        Clause::Condition { id } => {
            wearer.conditions.iter().find(|known| known.id == id).map(|known| &known.rule)
        }
        Clause::Zones => None,
    };
    let permitted = |zone| wearer.permissions(zone).any(|(_, permission)| permission.interval().contains(at));
    let (asked, zone) = match rule {
        Some(ConditionRule::Curfew { zone, schedule, .. }) => (schedule.holds_at(at), Some(*zone)),
        Some(ConditionRule::Exclusion { zone }) => (
            file.zones.iter().find(|known| known.id == *zone).is_some_and(|zone| zone.holds_at(at)),
            Some(*zone),
        ),
        Some(_) => (true, None),
        // The only loose zone is the park, which always holds.
        None => (true, None),
    };
    if !asked {
        return (State::Compliant, false);
    }
    if zone.is_some_and(permitted) {
        return (State::Exempt, false);
    }
    if !file.fitted.contains(at) {
        return (State::Unknown, false);
    }
    let curfew = matches!(rule, Some(ConditionRule::Curfew { .. }));
    let protect = matches!(rule, Some(ConditionRule::VictimProtection { .. }));
    let gap = |record: &&IntervalRecord| match record.kind {
        IntervalKind::Silent => !curfew || length(record) > HOUR_MS,
        IntervalKind::Unplaced => length(record) > if curfew { HOUR_MS } else { 30 * MINUTE_MS },
        IntervalKind::Blind => protect,
        IntervalKind::StrapOpen => true,
        IntervalKind::Watched
        | IntervalKind::Inside
        | IntervalKind::Crossed
        | IntervalKind::Home
        | IntervalKind::Away
        | IntervalKind::Near => false,
    };
    let silent = file.heard_at.is_some_and(|heard| at >= heard && file.now.since_ms(heard) > 10 * MINUTE_MS);
    let watched = file.records.iter().any(|record| record.kind == IntervalKind::Watched && record.from <= at);
    let unseen = silent || !watched || file.records.iter().any(|record| gap(&record) && holds(&record));
    let in_grace = |record: &IntervalRecord| {
        let Some(ConditionRule::Curfew { schedule, zone, .. }) = rule else { return false };
        let exempt: Intervals =
            wearer.permissions(*zone).map(|(_, permission)| permission.interval()).collect();
        let begin = schedule.without(&exempt).window_at(at).map(|window| window.from);
        begin.is_some_and(|begin| {
            at.since_ms(begin) < 10 * MINUTE_MS && record.from <= begin && begin < case_end(record)
        })
    };
    let breaks = |record: &&IntervalRecord| match record.kind {
        IntervalKind::Away => curfew && !in_grace(record),
        IntervalKind::Inside => matches!(rule, Some(ConditionRule::Exclusion { .. })),
        IntervalKind::Crossed => rule.is_none() && !permitted(PARK),
        IntervalKind::Near => protect,
        IntervalKind::Watched
        | IntervalKind::Silent
        | IntervalKind::Unplaced
        | IntervalKind::Blind
        | IntervalKind::StrapOpen
        | IntervalKind::Home => false,
    };
    let broken: Vec<_> = file.records.iter().filter(|record| breaks(record) && holds(record)).collect();
    match (broken.is_empty(), unseen) {
        (false, _) => (State::Violating, unseen || broken.iter().all(|record| record.uncertain)),
        (true, true) => (State::Unknown, false),
        (true, false) => (State::Compliant, false),
    }
}

/// Begin of the two days around a change of the clocks, and of two ordinary ones.
const BEGINS: [&str; 3] = ["2026-03-28T11:00:00Z", "2026-10-24T10:00:00Z", "2026-06-10T10:00:00Z"];

fn file() -> impl Strategy<Value = File> {
    let minute = 0..(48 * 60_i64);
    let stretch = (minute.clone(), 1..600_i64, any::<bool>(), 0..MINUTE_MS);
    let kind = prop::sample::select(&IntervalKind::ALL[1..]);
    let records = prop::collection::vec((kind, stretch, any::<bool>()), 0..14);
    let zones = prop::sample::select(vec![HOME, SCHOOL, PARK]);
    let permissions = prop::collection::vec((zones, minute.clone(), 1..900_i64), 0..3);
    let fitted = prop::collection::vec((minute.clone(), 200..2880_i64), 1..3);
    let silence = prop::option::of(0..(40 * 60_i64));
    (0..BEGINS.len(), records, permissions, fitted, minute, silence).prop_map(
        |(begin, records, permissions, fitted, watched, silence)| {
            let begin = moment(BEGINS[begin]);
            let at = |minute: i64| begin.plus_ms(minute * MINUTE_MS);
            let permits: Vec<_> = permissions
                .iter()
                .map(|(zone, from, length)| (*zone, at(*from).0, at(from + length).0))
                .collect();
            let mut all = vec![record(IntervalKind::Watched, at(watched - 24 * 60), None)];
            for (kind, (from, length, open, ms), uncertain) in records {
                let from = at(from).plus_ms(ms);
                let to = (!open).then(|| from.plus_ms(length * MINUTE_MS));
                all.push(IntervalRecord { uncertain, ..record(kind, from, to) });
            }
            let now = at(48 * 60 + 7);
            File {
                wearer: wearer(&permits),
                zones: crate::account::tests::zones(),
                fitted: fitted
                    .into_iter()
                    .map(|(from, length)| Interval::new(at(from), at(from + length)))
                    .collect(),
                records: all,
                heard_at: silence.map(|minutes| now.plus_ms(-minutes * MINUTE_MS)),
                now,
            }
        },
    )
}

fn is_whole(stretches: &[Stretch], span: Interval) -> bool {
    let ends = stretches.first().map(|first| first.from) == Some(span.from)
        && stretches.last().map(|last| last.to) == Some(span.to);
    (span.is_empty() && stretches.is_empty() || ends)
        && stretches.iter().all(|stretch| stretch.from < stretch.to)
        && stretches.windows(2).all(|pair| pair[0].to == pair[1].from)
}

fn at(stretches: &[Stretch], at: UnixMillis) -> &Stretch {
    stretches.iter().find(|stretch| stretch.interval().contains(at)).expect("every moment has a state")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn each_moment_is_in_exactly_one_state_and_the_sums_are_the_orders_time(file in file()) {
        let account = file.account();
        let hull = file.fitted.as_slice();
        let length_ms = hull[hull.len() - 1].to.min(file.now).since_ms(hull[0].from).max(0);
        for line in account.lines.iter().map(|line| &line.stretches).chain([&account.whole]) {
            prop_assert!(is_whole(line, account.span), "{:?}", line);
            let totals = Totals::of(line);
            prop_assert_eq!(totals.sum_ms(), length_ms);
            prop_assert!(totals.uncertain_ms <= totals.violating_ms);
        }
    }

    #[test]
    fn each_state_is_what_a_plain_reading_of_the_rules_says(file in file(), picks in prop::collection::vec(0..(55 * HOUR_MS), 60)) {
        let account = file.account();
        let edges = account.whole.iter().flat_map(|stretch| [stretch.from, stretch.to.plus_ms(-1)]);
        let moments = edges.chain(picks.iter().map(|pick| account.span.from.plus_ms(*pick)));
        for moment in moments.filter(|moment| account.span.contains(*moment)).collect::<Vec<_>>() {
            let mut worst = State::Compliant;
            for line in &account.lines {
                let found = at(&line.stretches, moment);
                let expected = plainly(&file, line.clause, moment);
                prop_assert_eq!((found.state, found.uncertain), expected, "{:?} at {:?}", line.clause, moment);
                worst = worst.max(expected.0);
            }
            prop_assert_eq!(at(&account.whole, moment).state, worst);
        }
    }

    #[test]
    fn day_by_day_is_the_same_as_whole(file in file()) {
        let account = file.account();
        let days = Calendar::new("Europe/Oslo").unwrap().days(account.span);
        let mut sum = Totals::default();
        for day in &days {
            let alone = ComplianceAccount::new(&file.case(), day.interval);
            let part = account.within(day.interval);
            prop_assert_eq!(&alone, &part);
            let totals = alone.totals();
            prop_assert_eq!(totals.sum_ms(), day.interval.intersection(account.span).length_ms());
            sum.compliant_ms += totals.compliant_ms;
            sum.exempt_ms += totals.exempt_ms;
            sum.unknown_ms += totals.unknown_ms;
            sum.violating_ms += totals.violating_ms;
            sum.uncertain_ms += totals.uncertain_ms;
        }
        prop_assert_eq!(sum, account.totals());
    }

    #[test]
    fn more_silence_never_makes_an_account_better(file in file(), from in 0..2880_i64, minutes in 61..600_i64) {
        let before = file.account();
        let mut silent = file;
        let from = moment(BEGINS[2]).plus_ms(from * MINUTE_MS);
        silent.records.push(record(IntervalKind::Silent, from, Some(from.plus_ms(minutes * MINUTE_MS))));
        let after = silent.account();
        prop_assert!(after.totals().compliant_ms <= before.totals().compliant_ms);
        prop_assert_eq!(after.totals().violating_ms, before.totals().violating_ms);
    }
}

#[test]
fn the_longest_night_and_the_shortest_have_an_hour_more_and_less_of_curfew() {
    for (from, now, hours) in [
        ("2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z", 7),
        ("2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z", 9),
        ("2026-06-10T12:00:00Z", "2026-06-11T12:00:00Z", 8),
    ] {
        let mut file = File::new(from, now);
        file.add(IntervalKind::Away, from, None);
        let account = file.account();
        let curfew = Totals::of(&account.lines[0].stretches);
        assert_eq!(curfew.violating_ms, hours * HOUR_MS - 10 * MINUTE_MS, "{from}");
        assert_eq!(account.totals().violating_ms, curfew.violating_ms);
        assert_eq!(curfew.sum_ms(), 24 * HOUR_MS);
    }
}

#[test]
fn coming_home_within_the_grace_is_no_violation_and_leaving_within_it_is() {
    let mut file = File::new("2026-06-10T12:00:00Z", "2026-06-11T12:00:00Z");
    // The curfew begins at 20:00 UTC.
    file.add(IntervalKind::Away, "2026-06-10T18:00:00Z", Some("2026-06-10T20:09:00Z"));
    assert_eq!(file.account().totals().violating_ms, 0);
    let late = file.account().lines[0].stretches.iter().any(|stretch| stretch.cause == Cause::Grace);
    assert!(late);
    file.add(IntervalKind::Away, "2026-06-10T20:09:30Z", Some("2026-06-10T20:10:30Z"));
    assert_eq!(file.account().totals().violating_ms, MINUTE_MS);
}

#[test]
fn a_permission_exempts_from_its_own_line_only() {
    let mut file = File::new("2026-06-10T12:00:00Z", "2026-06-11T12:00:00Z");
    let (from, to) = (moment("2026-06-10T21:00:00Z"), moment("2026-06-10T23:00:00Z"));
    file.wearer = wearer(&[(HOME, from.0, to.0)]);
    file.add(IntervalKind::Away, "2026-06-10T20:30:00Z", Some("2026-06-10T23:30:00Z"));
    file.add(IntervalKind::Near, "2026-06-10T22:00:00Z", Some("2026-06-10T22:15:00Z"));
    let account = file.account();
    let curfew = Totals::of(&account.lines[0].stretches);
    // Half an hour before, and half an hour after less the grace of a window that begins anew.
    assert_eq!(curfew.violating_ms, 30 * MINUTE_MS + 20 * MINUTE_MS);
    assert_eq!(curfew.exempt_ms, 2 * HOUR_MS);
    let whole = account.totals();
    assert_eq!(whole.violating_ms, curfew.violating_ms + 15 * MINUTE_MS);
    assert_eq!(whole.exempt_ms, 2 * HOUR_MS - 15 * MINUTE_MS);
    let near = at(&account.whole, moment("2026-06-10T22:05:00Z"));
    assert_eq!(near.clause, Some(Clause::Condition { id: PROTECT }));
    assert!(matches!(near.cause, Cause::Interval { kind: IntervalKind::Near, .. }));
}

#[test]
fn a_broken_condition_stays_broken_through_silence_and_says_that_it_is_uncertain() {
    let mut file = File::new("2026-06-10T06:00:00Z", "2026-06-10T14:00:00Z");
    file.add(IntervalKind::Inside, "2026-06-10T08:00:00Z", Some("2026-06-10T10:00:00Z"));
    file.add(IntervalKind::Silent, "2026-06-10T08:30:00Z", Some("2026-06-10T10:30:00Z"));
    let account = file.account();
    let school = Totals::of(&account.lines[1].stretches);
    assert_eq!((school.violating_ms, school.uncertain_ms), (2 * HOUR_MS, 90 * MINUTE_MS));
    assert_eq!(school.unknown_ms, 30 * MINUTE_MS);
    assert_eq!(account.lines[1].clause, Clause::Condition { id: KEEP_OUT });
}

#[test]
fn who_has_no_tag_between_two_is_unknown_whatever_was_said_before() {
    let mut file = File::new("2026-06-10T06:00:00Z", "2026-06-10T14:00:00Z");
    let at = |text| moment(text);
    file.fitted = Intervals::from_iter([
        Interval::new(at("2026-06-10T06:00:00Z"), at("2026-06-10T09:00:00Z")),
        Interval::new(at("2026-06-10T11:00:00Z"), at("2026-06-10T13:00:00Z")),
    ]);
    file.add(IntervalKind::Inside, "2026-06-10T08:00:00Z", Some("2026-06-10T12:00:00Z"));
    let account = file.account();
    assert_eq!(account.span.to, at("2026-06-10T13:00:00Z"));
    let school = Totals::of(&account.lines[1].stretches);
    assert_eq!((school.violating_ms, school.unknown_ms), (2 * HOUR_MS, 2 * HOUR_MS));
    assert_eq!(Totals::of(&account.lines[3].stretches).unknown_ms, 2 * HOUR_MS);
    assert_eq!(account.lines[3].clause, Clause::Condition { id: TRAIL });
}

#[test]
fn before_the_centre_watched_nothing_is_known_and_what_an_older_watch_left_open_ends_with_a_new_one() {
    let mut file = File::new("2026-06-10T06:00:00Z", "2026-06-10T14:00:00Z");
    file.records = vec![
        record(IntervalKind::Watched, moment("2026-06-10T08:00:00Z"), None),
        record(IntervalKind::Inside, moment("2026-06-10T09:00:00Z"), None),
        record(IntervalKind::Watched, moment("2026-06-10T10:00:00Z"), None),
    ];
    let school = Totals::of(&file.account().lines[1].stretches);
    // The school's zone holds from 06:00 UTC.
    assert_eq!((school.unknown_ms, school.violating_ms), (2 * HOUR_MS, HOUR_MS));
}

#[test]
fn a_centre_that_is_down_vouches_for_nothing() {
    let mut file = File::new("2026-06-10T06:00:00Z", "2026-06-10T14:00:00Z");
    file.heard_at = Some(moment("2026-06-10T11:00:00Z"));
    let account = file.account();
    assert_eq!(account.totals().unknown_ms, 3 * HOUR_MS);
    assert_eq!(account.whole.last().map(|last| last.cause), Some(Cause::NothingHeard));
}

#[test]
fn an_order_without_a_tag_has_no_time() {
    let mut file = File::new("2026-06-10T06:00:00Z", "2026-06-10T14:00:00Z");
    file.fitted = Intervals::default();
    let account = file.account();
    assert!(account.whole.is_empty() && account.totals() == Totals::default());
    assert_eq!(file.case().time_zone(), Some("Europe/Oslo"));
}
