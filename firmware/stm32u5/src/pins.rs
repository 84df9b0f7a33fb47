//! Every pin and peripheral of the board, in one place. The chip is an STM32U585CI in 48 pins.
//!
//! | what | where |
//! |---|---|
//! | modem | LPUART1: PA2 out, PA3 in, PB1 RTS, PA6 CTS; power PA4 |
//! | GNSS receiver | USART1: PA9 out, PA10 in; supply PA0, backup supply PA1 |
//! | beacon radio | USART3: PA7 out, PA5 in |
//! | fuel gauge, accelerometer | I2C1: PB6 clock, PB7 data; still PB14, charger PB15 |
//! | strap, light, pressure, button | PB0, PB2, PB12, PB13; high is open or pressed |
//! | vibration, light | PB8, PB5 |
//!
//! No two inputs share the number of their pin: each has an interrupt line of its own.

use crate::bus::Bus;
use embassy_stm32::{
    Peri, Peripherals, bind_interrupts,
    exti::{self, ExtiInput},
    gpio::{Level, Output, Pull, Speed},
    i2c, interrupt, mode,
    peripherals::{FLASH, IWDG, LPUART1, RTC, USART1, USART3},
    usart::{self, BufferedUart, BufferedUartRx, BufferedUartTx, ConfigError},
};
use lenke_firmware_app::{contacts::Contacts, gnss::Supplies, sensors::Sensors};
use static_cell::StaticCell;

/// Bytes that wait for a task, and for the wire.
const RX_BYTES: usize = 256;
const TX_BYTES: usize = 64;

const MODEM_BAUD: u32 = 115_200;
/// The M10's own after a cold start.
const GNSS_BAUD: u32 = 9_600;
const RADIO_BAUD: u32 = 115_200;

bind_interrupts!(struct Interrupts {
    LPUART1 => usart::BufferedInterruptHandler<LPUART1>;
    USART1 => usart::BufferedInterruptHandler<USART1>;
    USART3 => usart::BufferedInterruptHandler<USART3>;
    EXTI0 => exti::InterruptHandler<interrupt::typelevel::EXTI0>;
    EXTI2 => exti::InterruptHandler<interrupt::typelevel::EXTI2>;
    EXTI12 => exti::InterruptHandler<interrupt::typelevel::EXTI12>;
    EXTI13 => exti::InterruptHandler<interrupt::typelevel::EXTI13>;
    EXTI14 => exti::InterruptHandler<interrupt::typelevel::EXTI14>;
    EXTI15 => exti::InterruptHandler<interrupt::typelevel::EXTI15>;
});

/// An input that wakes.
pub(crate) type Wake = ExtiInput<'static, mode::Async>;
/// A UART's two directions.
pub(crate) type Line = (BufferedUartTx<'static>, BufferedUartRx<'static>);

/// The board, by what its parts are for.
pub(crate) struct Board {
    pub(crate) modem: Line,
    pub(crate) modem_power: Output<'static>,
    pub(crate) gnss: Line,
    pub(crate) supplies: Supplies<Output<'static>, Output<'static>>,
    pub(crate) radio: Line,
    pub(crate) sensors: Sensors<Bus, Wake, Wake>,
    pub(crate) contacts: Contacts<Wake, Wake, Wake, Wake>,
    pub(crate) vibration: Output<'static>,
    pub(crate) light: Output<'static>,
    pub(crate) flash: Peri<'static, FLASH>,
    pub(crate) watchdog: Peri<'static, IWDG>,
    pub(crate) clock: Peri<'static, RTC>,
}

impl Board {
    /// Gives each pin its task.
    pub(crate) fn new(p: Peripherals) -> Result<Self, ConfigError> {
        static MODEM: StaticCell<([u8; TX_BYTES], [u8; RX_BYTES])> = StaticCell::new();
        static GNSS: StaticCell<([u8; TX_BYTES], [u8; RX_BYTES])> = StaticCell::new();
        static RADIO: StaticCell<([u8; TX_BYTES], [u8; RX_BYTES])> = StaticCell::new();
        let (tx, rx) = MODEM.init(([0; TX_BYTES], [0; RX_BYTES]));
        let config = baud(MODEM_BAUD);
        let modem =
            BufferedUart::new_with_rtscts(p.LPUART1, p.PA3, p.PA2, p.PB1, p.PA6, Interrupts, tx, rx, config)?;
        let (tx, rx) = GNSS.init(([0; TX_BYTES], [0; RX_BYTES]));
        let gnss = BufferedUart::new(p.USART1, p.PA10, p.PA9, tx, rx, Interrupts, baud(GNSS_BAUD))?;
        let (tx, rx) = RADIO.init(([0; TX_BYTES], [0; RX_BYTES]));
        let radio = BufferedUart::new(p.USART3, p.PA5, p.PA7, tx, rx, Interrupts, baud(RADIO_BAUD))?;
        let bus = Bus(i2c::I2c::new_blocking(p.I2C1, p.PB6, p.PB7, i2c::Config::default()));
        let sensors = Sensors {
            bus,
            charger: ExtiInput::new(p.PB15, p.EXTI15, Pull::Down, Interrupts),
            still: ExtiInput::new(p.PB14, p.EXTI14, Pull::None, Interrupts),
        };
        let contacts = Contacts {
            // A strap that is cut leaves the pull-up alone.
            strap: ExtiInput::new(p.PB0, p.EXTI0, Pull::Up, Interrupts),
            light: ExtiInput::new(p.PB2, p.EXTI2, Pull::Down, Interrupts),
            pressure: ExtiInput::new(p.PB12, p.EXTI12, Pull::Down, Interrupts),
            button: ExtiInput::new(p.PB13, p.EXTI13, Pull::Down, Interrupts),
        };
        Ok(Self {
            modem: modem.split(),
            modem_power: Output::new(p.PA4, Level::Low, Speed::Low),
            gnss: gnss.split(),
            supplies: Supplies {
                main: Output::new(p.PA0, Level::Low, Speed::Low),
                backup: Output::new(p.PA1, Level::Low, Speed::Low),
            },
            radio: radio.split(),
            sensors,
            contacts,
            vibration: Output::new(p.PB8, Level::Low, Speed::Low),
            light: Output::new(p.PB5, Level::Low, Speed::Low),
            flash: p.FLASH,
            watchdog: p.IWDG,
            clock: p.RTC,
        })
    }
}

fn baud(baudrate: u32) -> usart::Config {
    let mut config = usart::Config::default();
    config.baudrate = baudrate;
    config
}
