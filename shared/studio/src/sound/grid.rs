//! Where the sound of each scene lies: in whole blocks of the coder, so that a scene can be encoded by itself.

use std::ops::Range;

use crate::SAMPLES_PER_FRAME;

/// Samples of a block: packets of AAC-LC begin so far apart, and each holds two (ISO/IEC 14496-3, 4.5.2).
pub const BLOCK: u64 = 1024;
/// Most that a scene's sound begins before or after its picture, samples: one frame, far below what is noticed
/// (ITU-R BT.1359: 45 ms early, 125 ms late).
const APART: i64 = SAMPLES_PER_FRAME as i64;

/// The blocks of each of some scenes that are so many samples long. A scene has as many as fit it best, wherever it
/// stands; what this leaves over adds up, and where it comes to a frame a scene is given one more or one less.
pub fn blocks(lengths: impl IntoIterator<Item = u64>) -> Vec<Range<u64>> {
    let (mut ahead, mut at, mut out) = (0i64, 0, Vec::new());
    for length in lengths {
        let mut count = (length + BLOCK / 2) / BLOCK;
        let left = ahead + (count * BLOCK) as i64 - length as i64;
        if left > APART {
            count -= 1;
        } else if left < -APART {
            count += 1;
        }
        ahead += (count * BLOCK) as i64 - length as i64;
        out.push(at..at + count);
        at += count;
    }
    out
}

/// How far a length lies from whole blocks, samples.
pub fn off(samples: u64) -> u64 {
    let over = samples % BLOCK;
    over.min(BLOCK - over)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_stays_within_a_frame_of_its_picture_and_scenes_do_not_know_their_place() {
        let lengths: Vec<u64> = (0..400).map(|n| 4_800 * (20 + n * 37 % 150)).collect();
        let blocks_of = |lengths: &[u64]| blocks(lengths.iter().copied());
        let all = blocks_of(&lengths);
        let mut start = 0;
        for (blocks, length) in all.iter().zip(&lengths) {
            let apart = (blocks.start * BLOCK).abs_diff(start);
            assert!(apart <= u64::from(SAMPLES_PER_FRAME), "{apart} samples");
            start += length;
        }
        assert!(all.windows(2).all(|pair| pair[0].end == pair[1].start));
        // Another first scene: nearly all others keep their number of blocks.
        let mut other = lengths.clone();
        other[0] += 4_800;
        let count = |all: &[Range<u64>]| all.iter().map(|blocks| blocks.end - blocks.start).collect::<Vec<_>>();
        let (before, after) = (count(&all), count(&blocks_of(&other)));
        let changed = before.iter().zip(&after).skip(1).filter(|(one, two)| one != two).count();
        assert!((1..40).contains(&changed), "{changed} of 400 scenes");
    }
}
