//! The tag's image for its board: STM32U585, BG95 modem, u-blox M10 receiver, beacon radio.
//!
//! What is on which pin stands in [`pins`]. A panic traps, a trap is a fault, and a fault is a reset whose cause the next boot reports.
#![no_std]
#![no_main]

mod bus;
mod flash;
mod pins;
mod system;

use crate::{
    bus::Bus,
    flash::Bank,
    pins::{Board, Line, Wake},
};
use core::panic::PanicInfo;
use cortex_m::peripheral::SCB;
use cortex_m_rt::{ExceptionFrame, exception};
use embassy_executor::{SpawnError, SpawnToken, Spawner};
use embassy_stm32::{
    gpio::Output,
    rcc::{LsConfig, MSIRange},
};
use embassy_time::Timer;
use lenke_firmware_app::{
    boot::{self, BootError},
    contacts::{self, Contacts},
    crypto::DeviceKeys,
    gnss::{self, Supplies},
    hub::{self, Hub},
    modem, notice, radio,
    sensors::{self, Sensors},
    supervisor::{self, FEED_EVERY, System},
};
use lenke_firmware_core::{Input, Tag, journal::FlashJournal, provision::Provision};
use static_cell::StaticCell;

type TagHub = Hub<FlashJournal<Bank>, DeviceKeys>;

static HUB: StaticCell<TagHub> = StaticCell::new();
static PROVISION: StaticCell<Provision> = StaticCell::new();

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    let cause = system::take_cause();
    let mut config = embassy_stm32::Config::default();
    // Awake seldom, but then quick: a signature takes some nine million cycles.
    config.rcc.msis = Some(MSIRange::RANGE_24MHZ);
    // The crystal goes on while the chip is off: so does the clock.
    config.rcc.ls = LsConfig::default_lse();
    let Ok(board) = Board::new(embassy_stm32::init(config)) else { return };
    let system = system::Board::new(board.watchdog, board.clock);
    match start(Bank::new(board.flash)) {
        Ok((hub, provision)) => {
            hub.give(Input::Started { cause, rtc: system.time() });
            start_task(spawner, run_timer(hub));
            start_task(spawner, run_contacts(hub, board.contacts));
            start_task(spawner, run_sensors(hub, board.sensors));
            start_task(spawner, run_gnss(hub, board.gnss, board.supplies));
            start_task(spawner, run_radio(hub, board.radio));
            start_task(spawner, run_modem(hub, board.modem, board.modem_power, provision));
            start_task(spawner, run_notice(hub, board.vibration, board.light));
            start_task(spawner, run_supervisor(hub, system));
        }
        Err(_) => {
            start_task(spawner, run_fault(board.vibration, board.light));
            start_task(spawner, feed(system));
        }
    }
}

/// Who the tag is, and its core.
fn start(mut flash: Bank) -> Result<(&'static TagHub, &'static Provision), BootError> {
    let provision = &*PROVISION.init(boot::read_provision(&mut flash)?);
    let (journal, epoch) = boot::mount(flash)?;
    let (identity, settings) = boot::identify(provision, epoch);
    let keys = DeviceKeys::new(&provision.secret);
    Ok((HUB.init_with(|| Hub::new(Tag::new(identity, settings), journal, keys)), provision))
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
async fn run_contacts(hub: &'static TagHub, contacts: Contacts<Wake, Wake, Wake, Wake>) {
    contacts::run(hub, contacts).await;
}

#[embassy_executor::task]
async fn run_sensors(hub: &'static TagHub, sensors: Sensors<Bus, Wake, Wake>) {
    sensors::run(hub, sensors).await;
}

#[embassy_executor::task]
async fn run_gnss(hub: &'static TagHub, line: Line, supplies: Supplies<Output<'static>, Output<'static>>) {
    gnss::run(hub, line.1, line.0, supplies).await;
}

#[embassy_executor::task]
async fn run_radio(hub: &'static TagHub, line: Line) {
    radio::run(hub, line.1, line.0).await;
}

#[embassy_executor::task]
async fn run_modem(hub: &'static TagHub, line: Line, power: Output<'static>, provision: &'static Provision) {
    modem::run(hub, line.1, line.0, power, provision).await;
}

#[embassy_executor::task]
async fn run_notice(hub: &'static TagHub, vibration: Output<'static>, light: Output<'static>) {
    notice::run(hub, vibration, light).await;
}

#[embassy_executor::task]
async fn run_supervisor(hub: &'static TagHub, mut system: system::Board) {
    supervisor::run(hub, &mut system).await;
}

#[embassy_executor::task]
async fn run_fault(vibration: Output<'static>, light: Output<'static>) {
    notice::run_fault(vibration, light).await;
}

/// A tag that is out of order has nobody to supervise.
#[embassy_executor::task]
async fn feed(mut system: system::Board) {
    loop {
        system.feed();
        Timer::after(FEED_EVERY).await;
    }
}

#[panic_handler]
fn panic(_info: &PanicInfo<'_>) -> ! {
    SCB::sys_reset()
}

#[exception]
#[allow(unsafe_code, reason = "the runtime asks for an unsafe function")]
unsafe fn HardFault(_frame: &ExceptionFrame) -> ! {
    SCB::sys_reset()
}
