//! Cells of a hundredth of a degree (some 1.1 km from south to north), which the index `fix_place` is made of.

use crate::inquiry::BoxE7;

/// The cell of a position, as the index has it.
pub(super) const CELL: &str = "(lat_e7 / 100000 * 4096 + lon_e7 / 100000)";
/// Side of a cell, 1e-7 degrees.
const SIDE_E7: i32 = 100_000;
/// Cells from west to east, and some room.
const ROW: i32 = 4096;
/// Cells that are looked up one by one; a larger area is searched by the time alone.
const CELLS_MAX: usize = 2_000;

/// Every cell that the boxes touch; nothing if there are too many. Division cuts towards zero here as in PostgreSQL, so
/// that whoever is in a box is in one of its cells.
pub(super) fn cells(boxes: &[BoxE7]) -> Option<Vec<i32>> {
    let mut cells = Vec::new();
    for around in boxes {
        for row in around.south / SIDE_E7..=around.north / SIDE_E7 {
            for column in around.west / SIDE_E7..=around.east / SIDE_E7 {
                if cells.len() >= CELLS_MAX {
                    return None;
                }
                cells.push(row * ROW + column);
            }
        }
    }
    Some(cells)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_area_too_large_has_no_cells() {
        let world = BoxE7 { south: i32::MIN, north: i32::MAX, west: i32::MIN, east: i32::MAX };
        assert_eq!(cells(&[world]), None);
    }

    proptest! {
        #[test]
        fn whoever_is_in_a_box_is_in_one_of_its_cells(
            (south, west) in (-900_000_000..900_000_000_i32, -1_800_000_000..1_800_000_000_i32),
            (height, width) in (0..3_000_000_i32, 0..3_000_000_i32),
            (up, right) in (0.0..=1.0_f64, 0.0..=1.0_f64),
        ) {
            let around = BoxE7 { south, north: south + height, west, east: west + width };
            let lat = south + (f64::from(height) * up) as i32;
            let lon = west + (f64::from(width) * right) as i32;
            let cells = cells(&[around]).unwrap();
            prop_assert!(cells.contains(&(lat / SIDE_E7 * ROW + lon / SIDE_E7)));
        }
    }
}
