//! Kind `receipt`: what became of a command.

use super::{DecodeError, EncodeError, Payload, RECEIPT, Writer, open, required, time_source, writable};
use crate::{FrameId, Later, Outcome, Receipt, cbor::Fields, downlink::CommandKind};

/// A receipt; or, if its command or outcome is one of a later version, that it is one.
pub(super) fn decode(mut fields: Fields<'_>) -> Result<Payload<'_>, DecodeError> {
    let (mut at, mut source, mut command, mut outcome) = (None, None, None, None);
    let (mut epoch, mut seq, mut version, mut digest) = (None, None, None, None);
    let mut parts = 0;
    while let Some(key) = fields.next_key()? {
        match key {
            2 => at = Some(fields.time()?),
            3 => {
                let number = fields.number()?;
                source = Some(fields.valid(time_source(number))?);
            }
            4 => command = Some(fields.number::<u8>()?),
            5 => outcome = Some(fields.number::<u8>()?),
            6 => epoch = Some(fields.number()?),
            7 => seq = Some(fields.number()?),
            8 => version = Some(fields.number()?),
            9 => digest = Some(fields.array_of()?),
            10 => parts = fields.not_zero()?,
            _ => fields.skip()?,
        }
    }
    let (command, outcome) = (required(command, 4)?, required(outcome, 5)?);
    let outcome = Outcome::ALL.into_iter().find(|&known| known as u8 == outcome);
    let (at, time_source) = (required(at, 2)?, required(source, 3)?);
    let counter = FrameId::new(required(epoch, 6)?, required(seq, 7)?);
    let (version, digest) = (required(version, 8)?, required(digest, 9)?);
    Ok(match (CommandKind::from_number(command.into()), outcome) {
        (Some(command), Some(outcome)) => {
            Payload::Receipt(Receipt { at, time_source, counter, command, outcome, version, digest, parts })
        }
        (None, _) | (_, None) => Payload::Later(Later { kind: RECEIPT, event: None }),
    })
}

pub(super) fn encode(receipt: &Receipt, writer: &mut Writer<'_>) -> Result<(), EncodeError> {
    let has_parts = receipt.parts != 0;
    open(writer, RECEIPT, 8 + u64::from(has_parts))?
        .u8(2)?
        .i64(writable(receipt.at)?)?
        .u8(3)?
        .u8(receipt.time_source as u8)?
        .u8(4)?
        .u8(receipt.command as u8)?
        .u8(5)?
        .u8(receipt.outcome as u8)?
        .u8(6)?
        .u32(receipt.counter.epoch.0)?
        .u8(7)?
        .u32(receipt.counter.seq.0)?
        .u8(8)?
        .u32(receipt.version)?
        .u8(9)?
        .bytes(&receipt.digest)?;
    if has_parts {
        writer.u8(10)?.u16(receipt.parts)?;
    }
    Ok(())
}
