//! The body of an answer: read in pieces, unpacked here, and never more than was allowed.

use std::io::{self, Write};

use flate2::write::{MultiGzDecoder, ZlibDecoder};
use reqwest::Response;

/// Why a body was not read to its end.
#[derive(Debug)]
pub(crate) enum BodyError {
    /// More than the bound.
    TooLarge,
    /// Packed in a way that was not asked for, or broken.
    Packed(String),
    /// The connection broke.
    Broken(reqwest::Error),
}

/// Takes so many bytes and not one more.
struct Capped {
    bytes: Vec<u8>,
    most: usize,
    full: bool,
}

impl Write for Capped {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        let room = self.most - self.bytes.len();
        self.bytes.extend_from_slice(&piece[..piece.len().min(room)]);
        self.full |= piece.len() > room;
        if self.full { Err(io::Error::other("full")) } else { Ok(piece.len()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// How a body is unpacked.
enum Packing {
    Plain(Capped),
    Gzip(MultiGzDecoder<Capped>),
    Zlib(ZlibDecoder<Capped>),
}

impl Packing {
    fn of(encoding: &str, capped: Capped) -> Result<Self, BodyError> {
        match encoding.trim().to_ascii_lowercase().as_str() {
            "" | "identity" => Ok(Self::Plain(capped)),
            "gzip" | "x-gzip" => Ok(Self::Gzip(MultiGzDecoder::new(capped))),
            "deflate" => Ok(Self::Zlib(ZlibDecoder::new(capped))),
            _ => Err(BodyError::Packed("packed in a way that was not asked for".into())),
        }
    }

    fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(to) => to.write_all(piece),
            Self::Gzip(to) => to.write_all(piece),
            Self::Zlib(to) => to.write_all(piece),
        }
    }

    fn end(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(_) => Ok(()),
            Self::Gzip(to) => to.try_finish(),
            Self::Zlib(to) => to.try_finish(),
        }
    }

    fn capped(&mut self) -> &mut Capped {
        match self {
            Self::Plain(to) => to,
            Self::Gzip(to) => to.get_mut(),
            Self::Zlib(to) => to.get_mut(),
        }
    }
}

/// Reads and unpacks a body of at most `most` bytes; the packed bytes have the same bound.
pub(crate) async fn whole(response: Response, most: u64) -> Result<Vec<u8>, BodyError> {
    if response.content_length().is_some_and(|length| length > most) {
        return Err(BodyError::TooLarge);
    }
    let (bytes, error) = read(response, most).await;
    error.map_or(Ok(bytes), Err)
}

/// The beginning of a body: what could be read of at most `most` bytes, for the text of an error.
pub(crate) async fn beginning(response: Response, most: u64) -> Vec<u8> {
    read(response, most).await.0
}

async fn read(mut response: Response, most: u64) -> (Vec<u8>, Option<BodyError>) {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let encoding = response.headers().get("content-encoding").map(|value| value.to_str().unwrap_or("?").to_owned());
    let capped = Capped { bytes: Vec::new(), most, full: false };
    let mut packing = match Packing::of(encoding.as_deref().unwrap_or_default(), capped) {
        Ok(packing) => packing,
        Err(error) => return (Vec::new(), Some(error)),
    };
    let mut came = 0_usize;
    let error = loop {
        match response.chunk().await {
            Ok(Some(piece)) => {
                came += piece.len();
                // Empty blocks unpack to nothing for ever.
                if came > most {
                    packing.capped().full = true;
                }
                let written = packing.write(&piece);
                if packing.capped().full {
                    break Some(BodyError::TooLarge);
                }
                if let Err(error) = written {
                    break Some(BodyError::Packed(format!("cannot be unpacked: {error}")));
                }
            }
            // An empty body is nothing packed: answers without a body keep the header.
            Ok(None) if came == 0 => break None,
            Ok(None) => match packing.end() {
                Ok(()) => break None,
                Err(_) if packing.capped().full => break Some(BodyError::TooLarge),
                Err(error) => break Some(BodyError::Packed(format!("cannot be unpacked: {error}"))),
            },
            Err(error) => break Some(BodyError::Broken(error)),
        }
    };
    (std::mem::take(&mut packing.capped().bytes), error)
}
