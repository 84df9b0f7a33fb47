//! Drills: what is left of somebody whose time is over.

use super::{
    Eraser, Limits, Obstacle, Plan,
    daily::Daily,
    plan::{Due, check},
};
use crate::subject_keys::SubjectKeys;
use lenke_alerts::Register;
use lenke_simulator::Scenario;
use lenke_store::{
    AuditEntry, Batch, Clock, Custody, FixRow, FrameRow, Hold, SqliteStore, Store as _, audit::verify,
    person::Person,
};
use lenke_wire::{Fix, FrameId, Position, TimeSource, UnixMillis, topic::Lane};
use lenke_zones::WearerId;
use std::{path::Path, sync::Arc};
use tempfile::TempDir;

const DAY_MS: i64 = 86_400_000;
const WEARER: WearerId = WearerId(1);
const OTHER: WearerId = WearerId(2);
/// Degrees that stand nowhere else.
const CANARY: (i32, i32) = (611_223_344, 111_334_455);

struct Drill {
    store: Arc<SqliteStore>,
    keys: SubjectKeys,
    now: UnixMillis,
    ended: UnixMillis,
    folder: TempDir,
}

impl Drill {
    /// Two wearers whose orders ended ten days ago, with a day of history each; the first has a name.
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(&folder.path().join("lenke.db")).await.unwrap());
        let keys = SubjectKeys::of(folder.path());
        let now = Clock::wall().now();
        let ended = now.plus_ms(-10 * DAY_MS);
        let mut drill = Self { store, keys, now, ended, folder };
        let mut register = Scenario::build(1, 10, ended.plus_ms(-DAY_MS)).register;
        for activation in
            register.activations.iter_mut().filter(|held| [WEARER, OTHER].contains(&held.wearer))
        {
            activation.to = Some(ended);
        }
        drill.store.enrol(&register).await.unwrap();
        drill.bring(&register, 0, 100).await;
        let person = Person { name: "Kari Hemmelig".to_owned(), ..Person::default() };
        let sealed = drill.keys.load_or_create(WEARER).unwrap().seal(WEARER, &person, [1; 13]).unwrap();
        drill.store.set_person(WEARER, &sealed).await.unwrap();
        drill
    }

    /// Fixes and frames of both, `seq` from `first` on, before the orders' end.
    async fn bring(&mut self, register: &Register, first: u32, count: u32) {
        let mut batch = Batch::default();
        for wearer in [WEARER, OTHER] {
            let held = register.activations.iter().find(|held| held.wearer == wearer).unwrap();
            for seq in first..first + count {
                let at = self.ended.plus_ms(-60_000 * i64::from(seq + 1));
                let fix = Fix {
                    at,
                    time_source: TimeSource::Gnss,
                    position: Position::from_e7(CANARY.0, CANARY.1).unwrap(),
                    accuracy_dm: 50,
                    speed_cm_s: 0,
                    course_cdeg: 0,
                    satellites: 9,
                };
                let (device, frame, received_at) = (held.device, FrameId::new(1, seq), at.plus_s(1));
                batch.fixes.push(FixRow { wearer, device, frame, index: 0, fix, received_at, late: false });
                batch.frames.push(FrameRow {
                    device,
                    frame,
                    lane: Lane::Live,
                    received_at,
                    bytes: vec![9; 20],
                });
                batch.committed.push((device, frame));
            }
        }
        self.store.commit_batch(&batch).await.unwrap();
    }

    async fn plan(&self, days: u32) -> Plan {
        Plan::make(&*self.store, &self.keys, days, self.now).await.unwrap()
    }

    async fn erase(&self, due: &Due) -> (u64, bool) {
        let eraser = Eraser { store: &*self.store, keys: &self.keys, limits: Limits::COMMAND };
        let (deleted, finished) = eraser.erase(due, self.now).await.unwrap();
        (deleted.rows(), finished)
    }

    async fn points(&self, wearer: WearerId) -> usize {
        let (from, to) = (UnixMillis(0), UnixMillis(i64::MAX));
        self.store.trail(wearer, from, to, None, 10_000).await.unwrap().len()
    }

    fn key_file(&self) -> std::path::PathBuf {
        self.folder.path().join("subject-keys").join(format!("{WEARER}.key"))
    }

    fn daily(&self, days: u32) -> Daily {
        let store: Arc<dyn Custody> = self.store.clone();
        Daily { store, keys: self.keys.clone(), days, clock: Clock::wall() }
    }
}

fn wearers(plan: &Plan) -> Vec<WearerId> {
    plan.due.iter().map(|due| due.wearer).collect()
}

fn contains(path: &Path, bytes: &[u8]) -> bool {
    std::fs::read(path).is_ok_and(|file| file.windows(bytes.len()).any(|window| window == bytes))
}

#[tokio::test]
async fn who_is_due_follows_from_the_orders_end_and_its_own_number_of_days() {
    let drill = Drill::new().await;
    assert_eq!(wearers(&drill.plan(0).await), []);
    assert_eq!(wearers(&drill.plan(11).await), []);
    assert_eq!(wearers(&drill.plan(10).await), [WEARER, OTHER]);
    drill.store.set_keep_days(OTHER, Some(30)).await.unwrap();
    assert_eq!(wearers(&drill.plan(10).await), [WEARER]);
    drill.store.set_keep_days(OTHER, Some(5)).await.unwrap();
    assert_eq!(wearers(&drill.plan(0).await), [OTHER]);
}

#[tokio::test]
async fn an_erased_wearer_is_unreadable_and_the_audit_log_still_verifies() {
    let drill = Drill::new().await;
    let entry = |action: &str| AuditEntry {
        at: drill.now,
        actor: "kari".to_owned(),
        action: action.to_owned(),
        object: WEARER.to_string(),
        detail: String::new(),
    };
    drill.store.append_audit(entry("trail.read")).await.unwrap();
    let sealed = drill.store.subject(WEARER).await.unwrap().unwrap().person.unwrap();
    let key = drill.keys.load(WEARER).unwrap().unwrap();
    assert!(key.open(WEARER, &sealed).is_ok());
    let due = check(&*drill.store, WEARER, drill.now).await.unwrap().unwrap();
    drill.store.append_audit(entry("erase")).await.unwrap();
    assert_eq!(drill.erase(&due).await, (200, true), "100 fixes and 100 frames");
    assert_eq!((drill.points(WEARER).await, drill.points(OTHER).await), (0, 100));
    assert!(drill.keys.load(WEARER).unwrap().is_none());
    let subject = drill.store.subject(WEARER).await.unwrap().unwrap();
    assert_eq!((subject.person, subject.erased_at), (None, Some(drill.now)));
    let register = drill.store.load_register().await.unwrap();
    assert!(register.wearers.iter().any(|wearer| wearer.id == WEARER), "the pseudonym stays");
    let found = verify::verify(&*drill.store, Vec::new(), &[]).await.unwrap();
    assert_eq!((found.entries, found.broken), (2, None));
}

#[tokio::test]
async fn nothing_of_the_erased_is_left_in_the_file() {
    let mut drill = Drill::new().await;
    let file = drill.folder.path().join("lenke.db");
    let (lat, lon) = (CANARY.0.to_be_bytes(), CANARY.1.to_be_bytes());
    drill.store.close().await;
    assert!(contains(&file, &lat) && contains(&file, &lon), "this test can see positions in the file");
    drill.store = Arc::new(SqliteStore::open(&file).await.unwrap());
    for due in drill.plan(10).await.due {
        drill.erase(&due).await;
    }
    drill.store.close().await;
    assert!(!contains(&file, &lat) && !contains(&file, &lon), "what is deleted is overwritten");
}

#[tokio::test]
async fn nobody_is_erased_who_is_held_or_carries_a_device_or_is_unknown() {
    let drill = Drill::new().await;
    let hold = Hold { since: drill.now, by: "kari".to_owned(), reason: "klage".to_owned() };
    drill.store.set_hold(WEARER, &hold).await.unwrap();
    let obstacle = |wearer| check(&*drill.store, wearer, drill.now);
    assert_eq!(obstacle(WEARER).await.unwrap(), Err(Obstacle::Held("klage".to_owned())));
    assert_eq!(obstacle(WearerId(3)).await.unwrap(), Err(Obstacle::Carries));
    assert_eq!(obstacle(WearerId(999_999)).await.unwrap(), Err(Obstacle::Unknown));
    let plan = drill.plan(10).await;
    assert_eq!(wearers(&plan), [OTHER]);
    assert_eq!(plan.kept, [(WEARER, Obstacle::Held("klage".to_owned()))]);
    drill.daily(10).once().await.unwrap();
    assert_eq!((drill.points(WEARER).await, drill.points(OTHER).await), (100, 0));
}

#[tokio::test]
async fn the_daily_task_writes_down_whom_it_erases_and_does_it_once() {
    let drill = Drill::new().await;
    drill.daily(10).once().await.unwrap();
    assert_eq!((drill.points(WEARER).await, drill.points(OTHER).await), (0, 0));
    let log = drill.store.audit_page(None, 10).await.unwrap();
    let said: Vec<_> =
        log.iter().rev().map(|record| (record.entry.actor.as_str(), record.entry.object.as_str())).collect();
    assert_eq!(said, [("system", "W-00001"), ("system", "W-00002")]);
    drill.daily(10).once().await.unwrap();
    assert_eq!(drill.store.audit_page(None, 10).await.unwrap().len(), 2, "nobody is due any more");
}

#[tokio::test]
async fn nobody_is_erased_whose_erasure_cannot_be_written_down() {
    use sqlx::{Connection as _, Executor as _};
    let drill = Drill::new().await;
    let url = format!("sqlite:{}", drill.folder.path().join("lenke.db").display());
    let mut connection = sqlx::SqliteConnection::connect(&url).await.unwrap();
    let no_room = "CREATE TRIGGER no_room BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no room'); END";
    connection.execute(no_room).await.unwrap();
    let refused = drill.daily(10).once().await.unwrap_err();
    assert!(refused.to_string().contains("nobody is erased"), "{refused:#}");
    assert_eq!((drill.points(WEARER).await, drill.points(OTHER).await), (100, 100));
    assert!(drill.keys.load(WEARER).unwrap().is_some() && drill.keys.erased().unwrap().is_empty());
    connection.execute("DROP TRIGGER no_room").await.unwrap();
    drill.daily(10).once().await.unwrap();
    assert_eq!((drill.points(WEARER).await, drill.points(OTHER).await), (0, 0));
}

#[tokio::test]
async fn what_a_tag_brings_after_the_erasure_goes_too() {
    let mut drill = Drill::new().await;
    drill.daily(10).once().await.unwrap();
    let register = drill.store.load_register().await.unwrap();
    drill.bring(&register, 500, 7).await;
    assert_eq!(drill.points(WEARER).await, 7);
    drill.daily(10).once().await.unwrap();
    assert_eq!((drill.points(WEARER).await, drill.points(OTHER).await), (0, 0));
}

#[tokio::test]
async fn an_erasure_that_was_cut_short_is_finished_by_the_next_run() {
    let drill = Drill::new().await;
    let due = check(&*drill.store, WEARER, drill.now).await.unwrap().unwrap();
    let sealed = drill.store.subject(WEARER).await.unwrap().unwrap().person.unwrap();
    let key = std::fs::read(drill.key_file()).unwrap();
    drill.erase(&due).await;
    // Retention is off: nobody but who was being erased is due.
    assert_eq!(wearers(&drill.plan(0).await), []);
    for left in [&b"00000000000000000000000000000000\n"[..], &key] {
        // Cut before the key was gone.
        std::fs::write(drill.key_file(), left).unwrap();
        assert_eq!(wearers(&drill.plan(0).await), [WEARER]);
        drill.daily(0).once().await.unwrap();
        assert!(!drill.keys.exists(WEARER).unwrap());
        assert_eq!(wearers(&drill.plan(0).await), []);
    }
    assert_eq!(drill.keys.erased().unwrap().len(), 1, "erased once");
    // Cut after it was noted and before the database forgot.
    let drill = Drill::new().await;
    drill.erase(&check(&*drill.store, OTHER, drill.now).await.unwrap().unwrap()).await;
    drill.keys.note(WEARER, drill.now).unwrap();
    assert_eq!(wearers(&drill.plan(0).await), [WEARER]);
    drill.daily(0).once().await.unwrap();
    assert_eq!((drill.points(WEARER).await, drill.keys.exists(WEARER).unwrap()), (0, false));
    assert_eq!(drill.store.subject(WEARER).await.unwrap().unwrap().person, None);
    assert!(drill.store.set_person(WEARER, &sealed).await.is_err(), "nobody gives the name back");
}

#[tokio::test]
async fn a_backup_from_before_does_not_bring_the_erased_back() {
    let mut drill = Drill::new().await;
    let backup = drill.folder.path().join("backup.db");
    drill.store.backup(&backup).await.unwrap();
    let due = check(&*drill.store, WEARER, drill.now).await.unwrap().unwrap();
    drill.erase(&due).await;
    drill.store = Arc::new(SqliteStore::open(&backup).await.unwrap());
    assert_eq!(drill.points(WEARER).await, 100, "the old rows are in the old backup");
    let sealed = drill.store.subject(WEARER).await.unwrap().unwrap().person.unwrap();
    assert!(drill.keys.load(WEARER).unwrap().is_none());
    assert!(
        drill.keys.load_or_create(WEARER).unwrap().open(WEARER, &sealed).is_err(),
        "nobody can read the name"
    );
    drill.daily(0).once().await.unwrap();
    assert_eq!((drill.points(WEARER).await, drill.points(OTHER).await), (0, 100));
    assert_eq!(drill.store.subject(WEARER).await.unwrap().unwrap().person, None);
}
