//! The I2C bus for the drivers that wait: transactions of a few bytes, once a minute, that are not worth DMA.

use embassy_stm32::{
    i2c::{self, Master},
    mode::Blocking,
};
use embedded_hal_async::i2c::{ErrorType, I2c, Operation};

/// The bus.
pub(crate) struct Bus(pub(crate) i2c::I2c<'static, Blocking, Master>);

impl ErrorType for Bus {
    type Error = i2c::Error;
}

impl I2c for Bus {
    async fn transaction(&mut self, address: u8, operations: &mut [Operation<'_>]) -> Result<(), i2c::Error> {
        embedded_hal::i2c::I2c::transaction(&mut self.0, address, operations)
    }
}
