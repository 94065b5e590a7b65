//! The one form of sound that is asked for: 16-bit mono WAV at a known rate, whole and audible.

/// Most that a WAV of a streaming service may say of its length when it does not know it.
const UNKNOWN: [u32; 3] = [0, u32::MAX, 0x7fff_ffff];
/// Fewer milliseconds of sound than this for a character are none: twice the pace of the fastest reader.
const LEAST_MS: u64 = 15;
/// More are no reading of it: a year or an amount is ten characters and four seconds.
const MOST_MS: u64 = 1_000;
/// Quieter than this is silence (full scale is 32767).
const QUIET: u16 = 64;

/// The samples of a WAV that reads so many characters aloud.
pub(super) fn samples(bytes: &[u8], rate: u32, characters: u64) -> Result<Vec<i16>, String> {
    let data = data(bytes, rate)?;
    let samples: Vec<i16> = data.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect();
    if samples.iter().all(|sample| sample.unsigned_abs() <= QUIET) {
        return Err("sound in which nothing is heard".into());
    }
    let ms = samples.len() as u64 * 1_000 / u64::from(rate);
    // A character or two may be a pause at both ends and little else.
    if ms < characters * LEAST_MS || ms > characters * MOST_MS + 5_000 {
        return Err(format!("{ms} ms of sound cannot be {characters} characters read aloud"));
    }
    Ok(samples)
}

fn data(bytes: &[u8], rate: u32) -> Result<&[u8], String> {
    if bytes.is_empty() {
        return Err("an empty answer".into());
    }
    if bytes.len() < 12 || &bytes[..4] != b"RIFF" || &bytes[8..12] != b"WAVE" {
        let shown: String = String::from_utf8_lossy(&bytes[..bytes.len().min(60)]).escape_debug().collect();
        return Err(format!("no WAV: `{shown}`"));
    }
    let number = |at: &[u8]| u32::from_le_bytes([at[0], at[1], at[2], at[3]]);
    let (mut rest, mut known) = (&bytes[12..], false);
    while let Some((head, body)) = rest.split_at_checked(8) {
        let size = number(&head[4..]);
        match &head[..4] {
            b"fmt " => {
                let format = body.get(..16).ok_or("a WAV whose head is cut short")?;
                if format[..4] != [1, 0, 1, 0] || format[14..16] != [16, 0] || number(&format[4..]) != rate {
                    return Err(format!(
                        "sound of {} samples a second, {} channels and {} bits, where {rate}, one and 16 were asked for",
                        number(&format[4..]),
                        format[2],
                        format[14]
                    ));
                }
                known = true;
            }
            b"data" if !known => return Err("a WAV without its format".into()),
            b"data" if UNKNOWN.contains(&size) => {
                // Without a length the odd half of a sample is the only sign of a cut.
                return if body.len() % 2 == 0 { Ok(body) } else { Err("a WAV that ends inside a sample".into()) };
            }
            b"data" => {
                let whole = body.get(..size as usize).filter(|_| size.is_multiple_of(2));
                return whole.ok_or_else(|| format!("a WAV cut short: {} bytes of sound of {size}", body.len()));
            }
            _ => {}
        }
        // Chunks are padded to whole words.
        let next = size as usize + size as usize % 2;
        rest = body.get(next..).ok_or("a WAV cut short before its sound")?;
    }
    Err("a WAV without sound".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A WAV as no library writes it: with an odd chunk of text before the sound, and a length that may be a lie.
    fn wav(rate: u32, samples: &[i16], said: Option<u32>) -> Vec<u8> {
        let size = samples.len() as u32 * 2;
        let mut bytes = b"RIFF".to_vec();
        bytes.extend((36 + size).to_le_bytes());
        bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
        bytes.extend(rate.to_le_bytes());
        bytes.extend((rate * 2).to_le_bytes());
        bytes.extend(b"\x02\0\x10\0LIST\x03\0\0\0abc\0data");
        bytes.extend(said.unwrap_or(size).to_le_bytes());
        bytes.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
        bytes
    }

    #[test]
    fn whole_sound_is_read_with_or_without_its_length() {
        let tone: Vec<i16> = (0..24_000).map(|n| if n % 2 == 0 { 900 } else { -900 }).collect();
        for said in [None, Some(0), Some(u32::MAX)] {
            assert_eq!(samples(&wav(24_000, &tone, said), 24_000, 15), Ok(tone.clone()), "{said:?}");
        }
    }

    #[test]
    fn what_is_no_whole_sound_says_what_it_is() {
        let tone: Vec<i16> = (0..24_000).map(|n| if n % 2 == 0 { 900 } else { -900 }).collect();
        let quiet: Vec<i16> = tone.iter().map(|sample| sample / 300).collect();
        let good = wav(24_000, &tone, None);
        for (bytes, why) in [
            (Vec::new(), "empty"),
            (b"<html>Sign in</html>".to_vec(), "no WAV: `<html>"),
            (b"ID3\x04\0\0\0\0\0\0\0\0\0\0".to_vec(), "no WAV"),
            (good[..30].to_vec(), "cut short"),
            (good[..60].to_vec(), "cut short"),
            (good[..good.len() - 2].to_vec(), "cut short"),
            (wav(24_000, &tone, Some(0))[..1_001].to_vec(), "inside a sample"),
            (wav(16_000, &tone, None), "16000 samples a second"),
            (wav(24_000, &quiet, None), "nothing is heard"),
            (wav(24_000, &tone[..1_000], None), "cannot be"),
            (wav(24_000, &tone.repeat(30), None), "cannot be"),
            (b"RIFF\0\0\0\0WAVE".to_vec(), "without sound"),
        ] {
            let error = samples(&bytes, 24_000, 15).unwrap_err();
            assert!(error.contains(why), "{why}: {error}");
        }
    }
}
