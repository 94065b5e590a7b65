//! From RGB to the planes an H.264 encoder wants: YUV 4:2:0, BT.709, limited range.

use std::ops::Range;

use tiny_skia::Pixmap;

use crate::geometry::Pixels;

/// One frame in three planes, Y then U then V, in one buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    width: usize,
    height: usize,
    /// All planes.
    pub data: Vec<u8>,
    /// Rows that were converted since somebody last cleared them; in a new frame all.
    pub changed: Rows,
}

/// Rows of a picture: ranges from top to bottom that do not touch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows(Vec<Range<u32>>);

impl Rows {
    /// All rows of a picture.
    pub fn whole(height: u32) -> Self {
        let mut rows = Self::default();
        rows.add(0..height);
        rows
    }

    /// Adds rows.
    pub fn add(&mut self, mut rows: Range<u32>) {
        if rows.is_empty() {
            return;
        }
        self.0.retain(|have| {
            let apart = have.end < rows.start || rows.end < have.start;
            if !apart {
                rows = rows.start.min(have.start)..rows.end.max(have.end);
            }
            apart
        });
        let at = self.0.partition_point(|have| have.start < rows.start);
        self.0.insert(at, rows);
    }

    /// Adds all rows of another.
    pub fn add_all(&mut self, other: &Self) {
        for rows in &other.0 {
            self.add(rows.clone());
        }
    }

    /// The ranges.
    pub fn ranges(&self) -> &[Range<u32>] {
        &self.0
    }

    /// Forgets them all.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

// ITU-R BT.709 luma weights 0.2126, 0.7152, 0.0722, scaled to 219/255 (luma) and 224/255 (chroma), times 2^15, so that
// each fits into sixteen bits with its sign; the fourth is that of opacity. Chroma weights add up to nothing: grey stays grey.
const Y: [i16; BYTES] = repeated([5_983, 20_127, 2_032, 0]);
const U: [i16; BYTES] = repeated([-3_298, -11_094, 14_392, 0]);
const V: [i16; BYTES] = repeated([14_392, -13_073, -1_319, 0]);
/// Bits behind the point of a weighed value.
const BITS: u32 = 15;

/// Pixels that are converted together, and their bytes: enough to fill vectors.
const PIXELS: usize = 16;
const BYTES: usize = PIXELS * 4;

const fn repeated(weights: [i16; 4]) -> [i16; BYTES] {
    let (mut out, mut n) = ([0; BYTES], 0);
    while n < BYTES {
        out[n] = weights[n % 4];
        n += 1;
    }
    out
}

/// Products of neighbours, two and two added. Written so that a compiler finds the one instruction that every
/// processor has for it (`pmaddwd` on x86): two to three times as fast as multiplying in thirty-two bits.
#[inline]
fn weighed(values: &[i16; BYTES], weights: &[i16; BYTES]) -> [i32; BYTES / 2] {
    let mut sums = [0; BYTES / 2];
    for ((sum, value), weight) in sums.iter_mut().zip(values.chunks_exact(2)).zip(weights.chunks_exact(2)) {
        *sum = i32::from(value[0]) * i32::from(weight[0]) + i32::from(value[1]) * i32::from(weight[1]);
    }
    sums
}

impl Frame {
    /// A black frame; both sides are even.
    pub fn new(width: u32, height: u32) -> Self {
        let (width, height) = (width as usize, height as usize);
        let mut data = vec![16; width * height];
        data.resize(width * height * 3 / 2, 128);
        Self { width, height, data, changed: Rows::whole(height as u32) }
    }

    /// Converts the pixels of `part` (grown to even edges) from an opaque picture of the same size.
    pub fn update(&mut self, from: &Pixmap, part: Pixels) {
        let part = part.even(Pixels::whole(self.width as u32, self.height as u32));
        if part.is_empty() {
            return;
        }
        self.changed.add(part.top as u32..part.bottom as u32);
        let (left, right) = (part.left as usize, part.right as usize);
        let (luma, chroma) = self.data.split_at_mut(self.width * self.height);
        let (u_plane, v_plane) = chroma.split_at_mut(self.width * self.height / 4);
        let stride = self.width * 4;
        for y in (part.top as usize..part.bottom as usize).step_by(2) {
            let (upper, lower) = (
                &from.data()[y * stride + left * 4..y * stride + right * 4],
                &from.data()[(y + 1) * stride + left * 4..(y + 1) * stride + right * 4],
            );
            luma_row(upper, &mut luma[y * self.width + left..y * self.width + right]);
            luma_row(lower, &mut luma[(y + 1) * self.width + left..(y + 1) * self.width + right]);
            let half = (y / 2) * (self.width / 2);
            let (from, to) = (half + left / 2, half + right / 2);
            chroma_row(upper, lower, &mut u_plane[from..to], &mut v_plane[from..to]);
        }
    }
}

fn luma_row(pixels: &[u8], out: &mut [u8]) {
    for (pixels, out) in pixels.chunks(BYTES).zip(out.chunks_mut(PIXELS)) {
        let mut values = [0; BYTES];
        for (value, byte) in values.iter_mut().zip(pixels) {
            *value = i16::from(*byte);
        }
        let sums = weighed(&values, &Y);
        for (y, sum) in out.iter_mut().zip(sums.chunks_exact(2)) {
            *y = ((sum[0] + sum[1] + (16 << BITS) + (1 << (BITS - 1))) >> BITS) as u8;
        }
    }
}

/// Averages 2 × 2 pixels into one pair of chroma samples.
fn chroma_row(upper: &[u8], lower: &[u8], u_out: &mut [u8], v_out: &mut [u8]) {
    let rows = upper.chunks(BYTES).zip(lower.chunks(BYTES));
    for ((upper, lower), (u, v)) in rows.zip(u_out.chunks_mut(PIXELS / 2).zip(v_out.chunks_mut(PIXELS / 2))) {
        let mut values = [0; BYTES];
        for ((value, above), below) in values.iter_mut().zip(upper).zip(lower) {
            *value = i16::from(*above) + i16::from(*below);
        }
        chroma(&values, &U, u);
        chroma(&values, &V, v);
    }
}

#[inline]
fn chroma(values: &[i16; BYTES], weights: &[i16; BYTES], out: &mut [u8]) {
    // Four pixels are summed, so two more bits go.
    const MORE: u32 = BITS + 2;
    let sums = weighed(values, weights);
    for (sample, sum) in out.iter_mut().zip(sums.chunks_exact(4)) {
        *sample = ((sum[0] + sum[1] + sum[2] + sum[3] + (128 << MORE) + (1 << (MORE - 1))) >> MORE) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canvas;
    use crate::colour::Colour;

    fn convert(r: u8, g: u8, b: u8) -> (u8, u8, u8) {
        let picture = canvas::blank(4, 4, Colour { r, g, b }).expect("picture");
        let mut frame = Frame::new(4, 4);
        frame.update(&picture, Pixels::whole(4, 4));
        (frame.data[5], frame.data[16], frame.data[20])
    }

    #[test]
    fn primaries_are_those_of_bt709_in_limited_range() {
        assert_eq!(convert(0, 0, 0), (16, 128, 128));
        assert_eq!(convert(255, 255, 255), (235, 128, 128));
        assert_eq!(convert(255, 0, 0), (63, 102, 240));
        assert_eq!(convert(0, 255, 0), (173, 42, 26));
        assert_eq!(convert(0, 0, 255), (32, 240, 118));
    }

    #[test]
    fn conversion_agrees_with_floating_point_within_one_step() {
        for n in 0..512u32 {
            let rgb = [37, 91, 151].map(|prime| (n * prime % 256) as u8);
            let [red, green, blue] = rgb.map(f64::from);
            let luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
            let chroma = [(blue - luma) / 1.8556, (red - luma) / 1.5748].map(|c| 128.0 + c * 224.0 / 255.0);
            let got = convert(rgb[0], rgb[1], rgb[2]);
            for (got, want) in
                [got.0, got.1, got.2].into_iter().zip([16.0 + luma * 219.0 / 255.0, chroma[0], chroma[1]])
            {
                assert!((f64::from(got) - want).abs() <= 1.0, "{rgb:?}: {got} for {want}");
            }
        }
    }

    #[test]
    fn a_pixel_does_not_depend_on_where_in_the_row_it_stands() {
        let mut picture = canvas::blank(38, 2, Colour::BLACK).expect("picture");
        for (n, byte) in picture.data_mut().iter_mut().enumerate() {
            *byte = if n % 4 == 3 { 255 } else { (n / 8 * 37 + n % 4 * 91) as u8 };
        }
        let mut whole = Frame::new(38, 2);
        whole.update(&picture, Pixels::whole(38, 2));
        let mut pieces = Frame::new(38, 2);
        for left in (0..38).step_by(2) {
            pieces.update(&picture, Pixels { left, top: 0, right: left + 2, bottom: 2 });
        }
        assert!(whole == pieces);
    }

    #[test]
    fn rows_that_touch_are_one_range_and_what_is_converted_is_told() {
        let mut frame = Frame::new(16, 40);
        assert_eq!(frame.changed, Rows::whole(40), "all of a new frame is new");
        frame.changed.clear();
        let white = canvas::blank(16, 40, Colour::WHITE).expect("picture");
        for (top, bottom) in [(30, 33), (4, 6), (11, 12), (6, 9)] {
            frame.update(&white, Pixels { left: 2, top, right: 3, bottom });
        }
        assert_eq!(frame.changed.ranges(), [4..12, 30..34], "grown to even rows");
        let mut all = frame.changed.clone();
        all.add(12..30);
        all.add(5..5);
        assert_eq!((all.ranges().len(), &all.ranges()[0]), (1, &(4..34)));
    }

    #[test]
    fn a_partial_update_touches_only_its_part() {
        let white = canvas::blank(16, 8, Colour::WHITE).expect("picture");
        let mut frame = Frame::new(16, 8);
        frame.update(&white, Pixels { left: 5, top: 3, right: 7, bottom: 4 });
        let bright: Vec<usize> = (0..128).filter(|n| frame.data[*n] == 235).collect();
        assert_eq!(bright, [36, 37, 38, 39, 52, 53, 54, 55], "columns 4–7 of rows 2–3");
    }
}
