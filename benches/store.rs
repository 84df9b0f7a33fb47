//! The store beside the bare database: what our path costs over the fastest way that the database itself has.
//!
//! `cargo bench -p lenke-store --bench store`; `-- --quick` for about a minute on fewer rows; `-- postgres`, `reads`,
//! `columns`, `sqlite` for one part. It starts PostgreSQL itself
//! (durable: fsync on), keeps SQLite in a temporary folder, and, where `npm --prefix tests/timescale ci` was run, asks
//! TimescaleDB in WebAssembly for sizes and for reads from columns.
//!
//! Workload: batches of 10 000 fixes as a backlog brings them, 10 a frame and 10 frames a tag, one fix a minute; each tag
//! walks within some kilometres of its home, homes lie within 40 by 20 km. The
//! peer of a write is the same sorted rows by COPY BINARY, or by prepared inserts of 64 rows, into the same table of
//! another database, turn by turn with ours. Ours also writes committed frames, last positions and totals, in one
//! transaction. `ratio` lines of writes are ours over the peer's rate and stay above their goal; `ratio` lines of reads
//! and sizes are figures (milliseconds, bytes) that stay below theirs.
#![expect(clippy::print_stdout, clippy::unwrap_used, clippy::disallowed_methods, reason = "a bench program")]

#[path = "store/columns.rs"]
mod columns;
#[path = "store/postgres.rs"]
mod postgres;
#[path = "store/sqlite.rs"]
mod sqlite;
#[path = "store/workload.rs"]
mod workload;

/// One figure with its goal.
pub(crate) struct Figure {
    pub(crate) name: &'static str,
    pub(crate) value: f64,
    pub(crate) goal: f64,
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let asked = |argument: &str| arguments.iter().any(|given| given == argument);
    let quick = asked("--quick");
    let all = !["postgres", "reads", "columns", "sqlite"].into_iter().any(asked);
    let mut figures = Vec::new();
    if all || asked("postgres") {
        figures.push(postgres::writes(quick).await);
    }
    if all || asked("reads") {
        figures.extend(postgres::reads(quick).await);
    }
    if all || asked("columns") {
        figures.extend(columns::run(quick).await);
    }
    if all || asked("sqlite") {
        figures.extend(sqlite::run(quick).await);
    }
    for Figure { name, value, goal } in figures {
        println!("ratio {name} {value:.2} goal {goal}");
    }
}
