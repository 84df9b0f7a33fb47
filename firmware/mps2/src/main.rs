//! The tag's image for QEMU's mps2-an505, driven in lock-step by a host.
//!
//! ```text
//! start -> hello to the host -> provisioning record, boot counter -> tasks
//!          loop: poll the tasks until all wait -> the host's turn
//! ```
//!
//! Interrupts are masked for good: everything that comes from outside comes in the host's turn.
#![no_std]
#![no_main]

mod board;
mod flash;
mod lockstep;
mod mmio;
mod pins;
mod reset;
mod time;
mod uart;

use crate::{
    board::{BUTTON, CASE, GNSS_POWER, LIGHT, MODEM_POWER, Mps2, STRAP, VIBRATION},
    flash::Flash,
    pins::Input as InputLevel,
    uart::{GNSS, HOST, MODEM, RADIO, Receiver, Transmitter},
};
use core::sync::atomic::{AtomicBool, Ordering};
use embassy_executor::{SpawnError, SpawnToken, Spawner, raw::Executor};
use embassy_time::Instant;
use lenke_firmware_app::{
    boot::{self, BootError},
    clock::Clock,
    contacts::{self, Contacts},
    crypto::SigningKey,
    gnss,
    hub::{self, Hub},
    modem, notice, supervisor,
};
use lenke_firmware_core::{
    Identity, Input, ResetCause, Settings, Tag, journal::FlashJournal, provision::Provision,
};
use lenke_wire::frame::DeviceKey;
use static_cell::StaticCell;

type Journal = FlashJournal<Flash>;
type TagHub = Hub<Journal, SigningKey>;

static EXECUTOR: StaticCell<Executor> = StaticCell::new();
static HUB: StaticCell<TagHub> = StaticCell::new();
static PROVISION: StaticCell<Provision> = StaticCell::new();

/// A task has been woken.
static WOKEN: AtomicBool = AtomicBool::new(true);

#[unsafe(export_name = "__pender")]
#[expect(unsafe_code, reason = "the executor looks for this name")]
fn pend(_context: *mut ()) {
    WOKEN.store(true, Ordering::Relaxed);
}

#[cortex_m_rt::entry]
fn main() -> ! {
    cortex_m::interrupt::disable();
    [&MODEM, &GNSS, &HOST, &RADIO].iter().for_each(|uart| uart.start());
    reset::watchdog::start();
    let own_cause = reset::take_cause();
    let hello = lockstep::hello();
    let cause = own_cause.or(hello.cause).unwrap_or(ResetCause::Power);

    let executor = EXECUTOR.init(Executor::new(core::ptr::null_mut()));
    let hub = match start(hello) {
        Ok((hub, provision)) => {
            hub.give(Input::Started { cause });
            spawn(executor.spawner(), hub, provision);
            Some(hub)
        }
        Err(_) => {
            start_task(executor.spawner(), run_fault());
            None
        }
    };
    run(executor, hub)
}

/// Who the tag is, and its core.
fn start(hello: lockstep::Hello) -> Result<(&'static TagHub, &'static Provision), BootError> {
    let mut flash = Flash::take().ok_or(BootError::Flash)?;
    let provision = &*PROVISION.init(boot::read_provision(&mut flash)?);
    let (journal, epoch) = boot::mount(flash)?;
    let identity = Identity { device: provision.device, key: DeviceKey::new(provision.key), epoch };
    let home_beacon = provision.beacon.map(|(device, _)| device);
    let settings = Settings { home_beacon, ..Settings::default() };
    let time = hello.time.unwrap_or(provision.at).max(provision.at);
    let clock = Clock::new(time, Instant::now());
    let signer = SigningKey::new(&provision.secret);
    Ok((HUB.init(Hub::new(Tag::new(identity, settings), journal, signer, clock)), provision))
}

/// Polls the tasks until all wait, then lets the host have its turn.
fn run(executor: &'static Executor, hub: Option<&'static TagHub>) -> ! {
    let mut asked = false;
    loop {
        while WOKEN.swap(false, Ordering::Relaxed) {
            #[expect(unsafe_code, reason = "polling must not happen twice at a time")]
            // SAFETY: only this loop polls, and it does not run inside a task.
            unsafe {
                executor.poll();
            }
        }
        board::watch();
        if asked && let Some(hub) = hub {
            let (next, counters, waiting, _) = hub.numbers();
            let (epoch, seq) = (next.epoch.0, next.seq.0);
            let (committed, fixes, acknowledged) =
                (counters.committed, counters.fixes, counters.acknowledged);
            let stack = 0;
            lockstep::say(format_args!(
                "S {epoch} {seq} {committed} {fixes} {acknowledged} {waiting} {stack}"
            ));
        }
        asked = lockstep::idle(time::host_time().deadline());
    }
}

fn spawn(spawner: Spawner, hub: &'static TagHub, provision: &'static Provision) {
    start_task(spawner, run_timer(hub));
    start_task(spawner, run_contacts(hub));
    start_task(spawner, run_gnss(hub));
    start_task(spawner, run_modem(hub, provision));
    start_task(spawner, run_notice(hub));
    start_task(spawner, run_supervisor(hub));
}

/// There is room for each task once: this fails only for one that is started twice.
fn start_task<T>(spawner: Spawner, task: Result<SpawnToken<T>, SpawnError>) {
    if let Ok(task) = task {
        spawner.spawn(task);
    }
}

#[embassy_executor::task]
async fn run_timer(hub: &'static TagHub) {
    hub::run_timer(hub).await;
}

#[embassy_executor::task]
async fn run_contacts(hub: &'static TagHub) {
    let contacts =
        Contacts { strap: InputLevel(&STRAP), case: InputLevel(&CASE), button: InputLevel(&BUTTON) };
    contacts::run(hub, contacts).await;
}

#[embassy_executor::task]
async fn run_gnss(hub: &'static TagHub) {
    gnss::run(hub, Receiver(&GNSS), Transmitter(&GNSS), GNSS_POWER).await;
}

#[embassy_executor::task]
async fn run_modem(hub: &'static TagHub, provision: &'static Provision) {
    modem::run(hub, Receiver(&MODEM), Transmitter(&MODEM), MODEM_POWER, provision).await;
}

#[embassy_executor::task]
async fn run_notice(hub: &'static TagHub) {
    notice::run(hub, VIBRATION, LIGHT).await;
}

#[embassy_executor::task]
async fn run_supervisor(hub: &'static TagHub) {
    supervisor::run(hub, &mut Mps2).await;
}

#[embassy_executor::task]
async fn run_fault() {
    notice::run_fault(VIBRATION, LIGHT).await;
}
