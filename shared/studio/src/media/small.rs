//! Frames in small and grey: enough to tell one picture from another, little enough to keep many of a film.

use tiny_skia::Pixmap;

/// Width and height in small of a frame of this size: cells of a twentieth at full HD, in either format.
pub fn small_size((width, height): (u32, u32)) -> (u32, u32) {
    if width >= height { (96, 54) } else { (54, 96) }
}

/// A frame in small.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Small {
    /// Its number.
    pub frame: u32,
    /// Luma by rows, 0–255.
    pub grey: Vec<u8>,
}

/// A frame of a reel in small: luma by ITU-R BT.709, averaged over each cell.
pub fn small(frame: u32, picture: &Pixmap) -> Small {
    let (width, height) = small_size((picture.width(), picture.height()));
    let (across, down) = (picture.width() as usize, picture.height() as usize);
    let edge = |n: u32, cells: u32, length: usize| n as usize * length / cells as usize;
    let data = picture.data();
    let mut grey = Vec::with_capacity((width * height) as usize);
    for y in 0..height {
        for x in 0..width {
            let (mut sum, mut count) = (0u64, 0u64);
            for row in edge(y, height, down)..edge(y + 1, height, down) {
                let start = (row * across + edge(x, width, across)) * 4;
                let end = (row * across + edge(x + 1, width, across)) * 4;
                for pixel in data[start..end].chunks_exact(4) {
                    // Weights of BT.709 in 1/10000; frames are opaque.
                    sum += u64::from(pixel[0]) * 2126 + u64::from(pixel[1]) * 7152 + u64::from(pixel[2]) * 722;
                    count += 1;
                }
            }
            grey.push((sum / (count.max(1) * 10_000)) as u8);
        }
    }
    Small { frame, grey }
}
