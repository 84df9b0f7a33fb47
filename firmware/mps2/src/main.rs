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
mod bus;
mod flash;
mod lockstep;
mod mmio;
mod pins;
mod reset;
mod stack;
mod time;
mod uart;

use crate::{
    board::{
        BUTTON, CHARGER, GNSS_BACKUP, GNSS_POWER, LIGHT, LIGHT_IN_CASE, MODEM_POWER, Mps2, PRESSURE_IN_CASE,
        STILL, STRAP, VIBRATION,
    },
    bus::Bus,
    flash::Flash,
    pins::Input as InputLevel,
    uart::{GNSS, HOST, MODEM, RADIO, Receiver, Transmitter},
};
use core::sync::atomic::{AtomicBool, Ordering};
use embassy_executor::{SpawnError, SpawnToken, Spawner, raw::Executor};
use lenke_firmware_app::{
    boot::{self, BootError},
    contacts::{self, Contacts},
    crypto::DeviceKeys,
    gnss::{self, Supplies},
    hub::{self, Hub},
    modem, notice, radio,
    sensors::{self, Sensors},
    supervisor,
};
use lenke_firmware_core::{Input, ResetCause, Tag, journal::FlashJournal, provision::Provision};
use static_cell::StaticCell;

type TagHub = Hub<FlashJournal<Flash>, DeviceKeys>;

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
    let hub = match start() {
        Ok((hub, provision)) => {
            hub.give(Input::Started { cause, rtc: hello.time });
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
fn start() -> Result<(&'static TagHub, &'static Provision), BootError> {
    let mut flash = Flash::take().ok_or(BootError::Flash)?;
    let provision = &*PROVISION.init(boot::read_provision(&mut flash)?);
    let (journal, epoch) = boot::mount(flash)?;
    let (identity, settings) = boot::identify(provision, epoch);
    let keys = DeviceKeys::new(&provision.secret);
    Ok((HUB.init_with(|| Hub::new(Tag::new(identity, settings), journal, keys)), provision))
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
            lockstep::tell(&hub.numbers(), stack::free_bytes());
        }
        asked = lockstep::idle(time::host_time().deadline());
    }
}

fn spawn(spawner: Spawner, hub: &'static TagHub, provision: &'static Provision) {
    start_task(spawner, run_timer(hub));
    start_task(spawner, run_contacts(hub));
    start_task(spawner, run_sensors(hub));
    start_task(spawner, run_gnss(hub));
    start_task(spawner, run_radio(hub));
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
    let contacts = Contacts {
        strap: InputLevel(&STRAP),
        light: InputLevel(&LIGHT_IN_CASE),
        pressure: InputLevel(&PRESSURE_IN_CASE),
        button: InputLevel(&BUTTON),
    };
    contacts::run(hub, contacts).await;
}

#[embassy_executor::task]
async fn run_gnss(hub: &'static TagHub) {
    let supplies = Supplies { main: GNSS_POWER, backup: GNSS_BACKUP };
    gnss::run(hub, Receiver(&GNSS), Transmitter(&GNSS), supplies).await;
}

#[embassy_executor::task]
async fn run_sensors(hub: &'static TagHub) {
    let sensors = Sensors { bus: Bus, charger: InputLevel(&CHARGER), still: InputLevel(&STILL) };
    sensors::run(hub, sensors).await;
}

#[embassy_executor::task]
async fn run_radio(hub: &'static TagHub) {
    radio::run(hub, Receiver(&RADIO), Transmitter(&RADIO)).await;
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
