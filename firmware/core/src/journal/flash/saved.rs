//! [`Saved`] as an item: one CBOR map.
//!
//! | key | value |
//! |---|---|
//! | 0, 1 | strap and case latch |
//! | 2 | last downlink: \[epoch, seq] |
//! | 3 | plan: \[version, base version, collect s, transmit s, no-fix s, low %, critical %, still s, near s, pursuit s, home check s, reserve %] |

use super::FlashJournal;
use crate::journal::Saved;
use embedded_storage::nor_flash::NorFlash;
use lenke_wire::{
    FrameId,
    command::{Plan, Rates},
};
use minicbor::{
    Decoder, Encoder, decode,
    encode::{
        self,
        write::{Cursor, EndOfSlice},
    },
};

const KEY: u8 = 0;
const BYTES_MAX: usize = 96;
const PLAN_NUMBERS: u64 = 12;

pub(super) fn save<F: NorFlash>(journal: &mut FlashJournal<F>, saved: &Saved) {
    let mut bytes = [0; BYTES_MAX];
    let mut writer = Encoder::new(Cursor::new(&mut bytes[..]));
    if write(saved, &mut writer).is_ok() {
        let length = writer.writer().position();
        // A failure is counted there, and what was saved before still counts.
        journal.keep(KEY, &bytes[..length]).unwrap_or_default();
    }
}

pub(super) fn saved<F: NorFlash>(journal: &FlashJournal<F>) -> Saved {
    let mut bytes = [0; BYTES_MAX];
    let length = journal.kept(KEY, &mut bytes).unwrap_or(0);
    read(&mut Decoder::new(&bytes[..length])).unwrap_or_default()
}

fn write(saved: &Saved, writer: &mut Encoder<Cursor<&mut [u8]>>) -> Result<(), encode::Error<EndOfSlice>> {
    let Saved { strap_latched, case_latched, plan, last_downlink } = saved;
    writer.map(2 + u64::from(plan.is_some()) + u64::from(last_downlink.is_some()))?;
    writer.u8(0)?.bool(*strap_latched)?.u8(1)?.bool(*case_latched)?;
    if let Some(counter) = last_downlink {
        writer.u8(2)?.array(2)?.u32(counter.epoch.0)?.u32(counter.seq.0)?;
    }
    if let Some(plan) = plan {
        let Plan { version, base_version, collect_s, transmit_s, no_fix_s, .. } = *plan;
        let Rates { still_s, near_s, pursuit_s, home_check_s, battery_reserve } = plan.rates;
        let percents = [plan.battery_low, plan.battery_critical].map(u32::from);
        writer.u8(3)?.array(PLAN_NUMBERS)?;
        for number in [version, base_version, collect_s, transmit_s, no_fix_s].into_iter().chain(percents) {
            writer.u32(number)?;
        }
        for number in [still_s, near_s, pursuit_s, home_check_s, battery_reserve.into()] {
            writer.u32(number)?;
        }
    }
    Ok(())
}

fn read(reader: &mut Decoder<'_>) -> Result<Saved, decode::Error> {
    let mut saved = Saved::default();
    for _ in 0..reader.map()?.unwrap_or(0) {
        match reader.u8()? {
            0 => saved.strap_latched = reader.bool()?,
            1 => saved.case_latched = reader.bool()?,
            2 => {
                reader.array()?;
                saved.last_downlink = Some(FrameId::new(reader.u32()?, reader.u32()?));
            }
            3 => saved.plan = Some(plan(reader)?),
            _ => reader.skip()?,
        }
    }
    Ok(saved)
}

fn plan(reader: &mut Decoder<'_>) -> Result<Plan, decode::Error> {
    if reader.array()? != Some(PLAN_NUMBERS) {
        return Err(decode::Error::message("not a plan"));
    }
    Ok(Plan {
        version: reader.u32()?,
        base_version: reader.u32()?,
        collect_s: reader.u32()?,
        transmit_s: reader.u32()?,
        no_fix_s: reader.u32()?,
        battery_low: reader.u8()?,
        battery_critical: reader.u8()?,
        rates: Rates {
            still_s: reader.u32()?,
            near_s: reader.u32()?,
            pursuit_s: reader.u32()?,
            home_check_s: reader.u32()?,
            battery_reserve: reader.u8()?,
        },
    })
}
