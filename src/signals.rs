//! Ending on request: the first Ctrl-C (or SIGTERM) drains, the second ends at once.

use tokio_util::sync::CancellationToken;

/// Exit code of a process that a second signal ended, as shells count it.
const INTERRUPTED: i32 = 130;

/// A token that is cancelled by the first signal; a second one ends the process.
pub(crate) fn stop_on_signal() -> CancellationToken {
    let stop = CancellationToken::new();
    let told = stop.clone();
    tokio::spawn(async move {
        signal().await;
        eprintln!("\nstopping: draining what is under way (again to end at once)");
        told.cancel();
        signal().await;
        end_at_once();
    });
    stop
}

#[expect(
    clippy::exit,
    reason = "the user asked twice; nothing is lost, the journal holds what is not stored"
)]
fn end_at_once() {
    std::process::exit(INTERRUPTED);
}

/// Returns at Ctrl-C or SIGTERM. Where a handler cannot be set, only the other one counts.
async fn signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                tokio::select! {
                    _ = terminate.recv() => {}
                    () = interrupt() => {}
                }
            }
            Err(error) => {
                tracing::warn!(%error, "no handler for SIGTERM");
                interrupt().await;
            }
        }
    }
    #[cfg(not(unix))]
    interrupt().await;
}

async fn interrupt() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        tracing::warn!(%error, "no handler for Ctrl-C");
        std::future::pending::<()>().await;
    }
}
