//! The file of a picture: unpacked within limits, made smaller and packed anew, so that nothing of the stranger's bytes goes further.

use std::io::Cursor;

use image::codecs::png::{CompressionType, FilterType as Rows, PngEncoder};
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder as _, ImageEncoder as _, ImageFormat, ImageReader, Limits};
use proofreel_model::policy::PictureFile;

/// A picture as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// PNG without anything but pixels.
    pub png: Vec<u8>,
    /// Width, pixels.
    pub width: u32,
    /// Height, pixels.
    pub height: u32,
}

/// What is kept of a file; the error says why nothing is. Sizes are read from the head and judged before a pixel is unpacked.
pub fn keep(bytes: &[u8], law: &PictureFile) -> Result<Kept, String> {
    if bytes.len() as u64 > law.bytes {
        return Err(format!("{} bytes, more than the {} that a picture may have", bytes.len(), law.bytes));
    }
    let Ok(format @ (ImageFormat::Jpeg | ImageFormat::Png)) = image::guess_format(bytes) else {
        return Err("it is neither JPEG nor PNG".into());
    };
    // The decoder fills what is missing of a JPEG with grey: a file without its end is not whole.
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    if format == ImageFormat::Jpeg && !bytes[..end].ends_with(b"\xff\xd9") {
        return Err("it cannot be unpacked: it is cut short".into());
    }
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(law.side_px), Some(law.side_px));
    limits.max_alloc = Some(law.memory_bytes);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let broken = |error: image::ImageError| format!("it cannot be unpacked: {error}");
    let mut decoder = reader.into_decoder().map_err(broken)?;
    let (width, height) = decoder.dimensions();
    let (short, long) = (width.min(height), width.max(height));
    if u64::from(width) * u64::from(height) > law.pixels || decoder.total_bytes() > law.memory_bytes {
        return Err(format!("{width} × {height} pixels, more than the {} that a picture may have", law.pixels));
    }
    if short < law.least_px.0 || long < law.least_px.1 {
        return Err(format!("{width} × {height} pixels, too small to fill a film"));
    }
    let turned = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(broken)?;
    picture.apply_orientation(turned);
    if long > law.kept_px {
        picture = picture.resize(law.kept_px, law.kept_px, FilterType::CatmullRom);
    }
    let pixels = picture.into_rgb8();
    let (width, height) = pixels.dimensions();
    let mut png = Vec::new();
    PngEncoder::new_with_quality(&mut png, CompressionType::Default, Rows::Adaptive)
        .write_image(&pixels, width, height, image::ExtendedColorType::Rgb8)
        .map_err(|error| format!("it cannot be packed: {error}"))?;
    Ok(Kept { png, width, height })
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Rgb, RgbImage};
    use proofreel_model::policy::picture_law;

    fn packed(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let picture = RgbImage::from_fn(width, height, |x, y| Rgb([(x % 256) as u8, (y % 256) as u8, 90]));
        let mut bytes = Vec::new();
        DynamicImage::ImageRgb8(picture).write_to(&mut Cursor::new(&mut bytes), format).unwrap();
        bytes
    }

    /// A PNG that says it is larger than it is: the head of a bomb.
    fn bomb(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = packed(8, 8, ImageFormat::Png);
        bytes[16..20].copy_from_slice(&width.to_be_bytes());
        bytes[20..24].copy_from_slice(&height.to_be_bytes());
        let mut crc = flate2::Crc::new();
        crc.update(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&crc.sum().to_be_bytes());
        bytes
    }

    #[test]
    fn a_picture_is_packed_anew_and_always_alike() {
        let law = &picture_law().file;
        for format in [ImageFormat::Jpeg, ImageFormat::Png] {
            let bytes = packed(2000, 1000, format);
            let kept = keep(&bytes, law).unwrap();
            assert_eq!((kept.width, kept.height), (1600, 800), "{format:?}");
            assert_eq!(kept, keep(&bytes, law).unwrap());
            assert!(kept.png.starts_with(b"\x89PNG") && image::load_from_memory(&kept.png).is_ok());
        }
    }

    #[test]
    fn what_is_no_picture_within_the_limits_is_refused() {
        let law = &picture_law().file;
        let whole = packed(1400, 800, ImageFormat::Jpeg);
        for (bytes, why) in [
            (b"<!DOCTYPE html><title>Sign in</title>".to_vec(), "neither JPEG nor PNG"),
            (b"GIF89a\x01\0\x01\0".to_vec(), "neither"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), "neither"),
            (Vec::new(), "neither"),
            (whole[..400].to_vec(), "cut short"),
            (whole[..whole.len() / 2].to_vec(), "cut short"),
            (packed(1400, 800, ImageFormat::Png)[..3_000].to_vec(), "cannot be unpacked"),
            (packed(640, 360, ImageFormat::Png), "too small"),
            (packed(3000, 200, ImageFormat::Png), "too small"),
            (bomb(65_000, 65_000), "cannot be unpacked"),
            (bomb(11_000, 11_000), "more than the"),
            (bomb(0, 10), "cannot be unpacked"),
            (vec![0xff; usize::try_from(law.bytes).unwrap() + 1], "bytes, more"),
        ] {
            let error = keep(&bytes, law).unwrap_err();
            assert!(error.contains(why), "{why}: {error}");
        }
    }
}
