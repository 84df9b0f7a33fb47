//! A device that was somebody else's before, between or after: a bundle shows and judges the wearer's reports alone.

use super::*;
use crate::records::unhex;
use lenke_alerts::{AlertKind, Carriers, Condition, ConditionId, ConditionRule, Finding};
use lenke_zones::{Assignment, Circle, ConfirmPolicy, Geometry, Metres, Zone, ZoneId, ZoneKind};

const OTHER: WearerId = WearerId(8);

fn minute(minutes: i64) -> UnixMillis {
    START.plus_s(minutes * 60)
}

fn carried(wearer: WearerId, from: i64, to: Option<i64>) -> Activation {
    Activation { device: DEVICE, wearer, from: minute(from), to: to.map(minute) }
}

fn candidates(frames: &[FrameRecord]) -> Vec<Candidate> {
    let candidate = |frame: &FrameRecord| Candidate {
        frame: FrameId::new(frame.epoch, frame.seq),
        received_at: UnixMillis(frame.received_at),
        inner: unhex(&frame.inner).unwrap(),
    };
    frames.iter().map(candidate).collect()
}

/// What a bundle about wearer 7 discloses of `frames` and of the minutes, and what it withholds.
fn selected(frames: &[FrameRecord], activations: &[Activation], (from, to): (i64, i64)) -> Contents {
    let carriers = Carriers::new(UnixMillis(0), activations.to_vec());
    let (wearer, from, to) = (WearerId(7), minute(from), minute(to));
    let wanted = Wanted { device: DEVICE, carriers: &carriers, wearer, from, to };
    let Selection { disclosed, withheld } = select(&candidates(frames), wanted);
    let own = frames.iter().filter(|frame| disclosed.contains(&FrameId::new(EPOCH, frame.seq)));
    let mut contents = contents(own.cloned().collect(), false);
    contents.activations = activations.iter().filter(|one| one.wearer == wearer).copied().collect();
    contents.withheld = withheld;
    contents
}

fn numbers(contents: &Contents) -> (Vec<u32>, Vec<(u32, u32)>) {
    let withheld = contents.withheld.iter().map(|run| (run.first, run.last)).collect();
    (contents.frames.iter().map(|frame| frame.seq).collect(), withheld)
}

#[test]
fn the_selection_reaches_from_signed_head_to_signed_head() {
    let own = [carried(WearerId(7), 0, None)];
    let minutes = |from, to| numbers(&selected(&frames(20), &own, (from, to)));
    assert_eq!(minutes(5, 7), ((3..=7).collect(), Vec::new()));
    assert_eq!(minutes(0, 2), ((0..=3).collect(), Vec::new()));
    assert_eq!(minutes(17, 60), ((15..=19).collect(), Vec::new()));
    assert_eq!(minutes(60, 90), (Vec::new(), Vec::new()));
}

#[test]
fn what_another_reported_is_withheld_and_what_the_wearer_reported_after_it_is_proven() {
    // Checkpoints are frames 3, 7, 11, 15, 19.
    let activations = [carried(OTHER, 0, Some(10)), carried(WearerId(7), 10, None)];
    let contents = selected(&frames(20), &activations, (0, 60));
    // From the checkpoint before the wearer's first frame on.
    assert_eq!(numbers(&contents), ((10..20).collect(), vec![(7, 9)]));
    let verdict = verify(&bundle(contents), Some(&centre().public()));
    assert_eq!(verdict.complaints, []);
    // All that a later checkpoint covers: 10 to 18.
    assert_eq!((verdict.frames, verdict.proven, verdict.unproven), (10, 9, 1));
    assert_eq!((verdict.withheld, verdict.withheld_within), (3, 0));
}

#[test]
fn no_byte_of_what_another_reported_is_in_a_bundle() {
    let activations =
        [carried(WearerId(7), 0, Some(9)), carried(OTHER, 9, Some(14)), carried(WearerId(7), 14, None)];
    let all = frames(20);
    let contents = selected(&all, &activations, (0, 60));
    // The checkpoint that closes the wearer's own chain is there, the one within the other's time is not.
    assert_eq!(numbers(&contents), ([(0..9), (14..20)].into_iter().flatten().collect(), vec![(9, 13)]));
    let files: String = bundle(contents).into_values().flatten().map(char::from).collect();
    for frame in &all {
        let others = (9..14).contains(&frame.seq);
        assert_eq!(files.contains(&frame.inner), !others, "{}", frame.name());
        assert_eq!(files.contains(&frame.sealed), !others, "{}", frame.name());
    }
    let verdict = verify(&bundle(selected(&all, &activations, (0, 60))), None);
    assert_eq!(verdict.complaints, []);
    // 7, a checkpoint, and 8 stand before what is withheld, and no signed head in between; 19 is the newest.
    assert_eq!((verdict.proven, verdict.unproven, verdict.withheld), (12, 3, 5));
}

#[test]
fn another_persons_strap_is_no_finding_about_the_wearer() {
    // The strap opens in frame 4.
    let of = |activations: &[Activation]| {
        let contents = selected(&frames(12), activations, (0, 60));
        let verdicts = bundle(contents)["verdicts.jsonl"].clone();
        String::from_utf8(verdicts).unwrap().contains(AlertKind::StrapTamper.code())
    };
    assert!(of(&[carried(WearerId(7), 0, None)]));
    assert!(!of(&[carried(OTHER, 0, Some(6)), carried(WearerId(7), 6, None)]));
    // Also if the reports were in the bundle.
    let mut whole = contents(frames(12), false);
    whole.activations = vec![carried(WearerId(7), 6, None)];
    let verdicts = bundle(whole)["verdicts.jsonl"].clone();
    assert!(!String::from_utf8(verdicts).unwrap().contains(AlertKind::StrapTamper.code()));
}

/// Where every fix lies.
fn zone() -> Zone {
    let centre = Position::from_e7(599_138_689, 107_522_454).unwrap();
    Zone {
        id: ZoneId(1),
        version: 1,
        name: "square".to_owned(),
        kind: ZoneKind::Exclusion,
        geometry: Geometry::Circle(Circle::new(centre, Metres(500.0)).unwrap()),
        buffer: Metres(0.0),
        policy: ConfirmPolicy::default(),
        schedule: None,
        assignment: Assignment::Personal(WearerId(7)),
    }
}

#[test]
fn reports_whose_times_cannot_be_true_are_shown_and_not_judged_but_an_alarm_is() {
    let findings = |ahead_s: i64| {
        let mut frames = frames(12);
        for frame in &mut frames {
            frame.received_at -= ahead_s * 1_000;
        }
        let own = [carried(WearerId(7), -600, None)];
        let mut contents = selected(&frames, &own, (0, 60));
        let shown = contents.frames.len();
        contents.frames = frames;
        contents.zones.push(zone());
        let rule = ConditionRule::Exclusion { zone: ZoneId(1) };
        contents.wearer.conditions.push(Condition { id: ConditionId(1), rule });
        let bundle = bundle(contents);
        assert_eq!(verify(&bundle, None).complaints, []);
        let text = String::from_utf8(bundle["verdicts.jsonl"].clone()).unwrap();
        let found: Vec<Finding> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let kinds = found.iter().map(|finding| (finding.kind, finding.occurred_at)).collect::<Vec<_>>();
        (shown, kinds)
    };
    let breach = (AlertKind::ExclusionBreach, START);
    assert_eq!(findings(60), (12, vec![breach, (AlertKind::StrapTamper, minute(4))]));
    // The clock that was wrong says nothing of where; that the strap opened counts for when that came. If no time can be
    // true, whose the frames are cannot be told either.
    let strap = (AlertKind::StrapTamper, minute(4 - 60).plus_s(1));
    assert_eq!(findings(3_600), (0, vec![strap]));
}

#[test]
fn among_the_wearers_own_a_report_with_a_wrong_time_is_shown_and_not_judged_but_an_alarm_is() {
    let mut frames = frames(12);
    let late = |seq: u32, minutes: i64| minute(i64::from(seq) + minutes);
    // As if the centre had taken them an hour before they say they were taken.
    for seq in [4, 5] {
        frames[seq as usize].received_at = late(seq, -60).0;
    }
    let contents = selected(&frames, &[carried(WearerId(7), -600, None)], (0, 60));
    assert_eq!(contents.frames.len(), 12);
    let bundle = bundle(contents);
    assert_eq!(verify(&bundle, None).complaints, []);
    let text = String::from_utf8(bundle["verdicts.jsonl"].clone()).unwrap();
    let found: Vec<Finding> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let strap = found.iter().find(|finding| finding.kind == AlertKind::StrapTamper).unwrap();
    assert_eq!(strap.occurred_at, late(4, -60));
}

#[test]
fn a_chain_head_that_the_centre_made_up_is_found_out() {
    let activations = [carried(OTHER, 0, Some(10)), carried(WearerId(7), 10, None)];
    let mut contents = selected(&frames(20), &activations, (0, 60));
    contents.withheld[0].after = "00".repeat(32);
    let verdict = verify(&bundle(contents), Some(&centre().public()));
    let blamed = |complaint: &Complaint| complaint.what.contains("not those that the device signed");
    assert!(verdict.complaints.iter().any(blamed), "{:?}", verdict.complaints);
}

#[test]
fn reports_withheld_out_of_the_wearers_own_time_are_counted_apart() {
    let own = [carried(WearerId(7), 0, None)];
    let mut contents = selected(&frames(20), &own, (0, 60));
    let withheld = selected(
        &frames(20),
        &[carried(WearerId(7), 0, Some(9)), carried(OTHER, 9, Some(14)), carried(WearerId(7), 14, None)],
        (0, 60),
    )
    .withheld;
    contents.frames.retain(|frame| !(9..14).contains(&frame.seq));
    contents.withheld = withheld;
    let verdict = verify(&bundle(contents), None);
    assert_eq!((verdict.withheld, verdict.withheld_within), (5, 5));
}

#[test]
fn withheld_frames_that_are_told_too_or_twice_are_complained_of() {
    let activations = [carried(OTHER, 0, Some(10)), carried(WearerId(7), 10, None)];
    let with = |first, last| {
        let mut contents = selected(&frames(20), &activations, (0, 60));
        let run = WithheldRecord { first, last, ..contents.withheld[0].clone() };
        contents.withheld.push(run);
        verify(&bundle(contents), None).complaints
    };
    for (first, last) in [(9, 9), (7, 8), (12, 13), (9, 12), (5, 4)] {
        let complaints = with(first, last);
        assert_eq!(
            complaints.first().map(|one| (one.file.as_str(), one.line)),
            Some(("withheld.jsonl", Some(2)))
        );
    }
}

#[test]
fn a_changed_bit_in_what_is_withheld_is_found_and_its_line_named() {
    let activations = [carried(OTHER, 0, Some(2)), carried(WearerId(7), 2, None)];
    let good = bundle(selected(&frames(5), &activations, (0, 60)));
    for place in 0..good["withheld.jsonl"].len() - 1 {
        let mut bad = good.clone();
        bad.get_mut("withheld.jsonl").unwrap()[place] ^= 1 << (place % 8);
        let verdict = verify(&bad, None);
        let named = |complaint: &Complaint| {
            complaint.file == "withheld.jsonl" && complaint.line.is_none_or(|line| line == 1)
        };
        assert!(verdict.complaints.iter().any(named), "byte {place}: {:?}", verdict.complaints);
    }
}
