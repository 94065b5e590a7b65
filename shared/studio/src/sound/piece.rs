//! Pieces of a film's sound: a scene each, mastered and encoded by itself, joined without encoding anything again.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::adts;
use super::grid::BLOCK;
use super::music::decibels;
use crate::error::StudioError;
use crate::media::{Heard, HeardPart, packet_line};
use crate::shelf::{note, read_note};

/// The sound of a scene.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// Its own frames, one behind the other.
    pub coded: Vec<u8>,
    /// What is known of it.
    pub told: Told,
}

/// What is known of a piece.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Told {
    /// Its length, blocks.
    pub blocks: u64,
    /// What was heard when it was decoded.
    pub heard: HeardPart,
    /// Mean power of the voice while somebody speaks, and of what lies beneath it.
    pub powers: (f64, f64),
    /// How long somebody speaks, samples.
    pub spoken: u64,
}

impl Piece {
    /// As it is kept.
    pub fn to_bytes(&self) -> Result<Vec<u8>, StudioError> {
        note(&self.told, &[&self.coded])
    }

    /// From [`Piece::to_bytes`]; `None` when it is not that.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (told, coded) = read_note(bytes)?;
        adts::frames(coded).map(|_| Self { coded: coded.to_vec(), told })
    }
}

/// Digest lines of the packets that an MP4 file of these pieces holds, below its head and where its first sample lies.
fn packets(pieces: &[Piece]) -> Option<Vec<String>> {
    let mut out = Vec::new();
    for piece in pieces {
        for frame in adts::frames(&piece.coded)? {
            if out.is_empty() {
                // The coder begins a block before the film (see `mp4::join`).
                out.extend([packet_line(&adts::config(frame)), BLOCK.to_string()]);
            }
            out.push(packet_line(adts::packet(frame)));
        }
    }
    Some(out)
}

/// Joins the pieces of a film at `to`, and tells what is heard in it.
///
/// # Errors
/// No piece has a voice that can be heard; a full disk.
pub fn join(pieces: &[Piece], to: &Path) -> Result<Heard, StudioError> {
    if pieces.iter().all(|piece| piece.told.powers.0 <= 0.0) {
        return Err(StudioError::BadSound("it is silent: the voice gave no sound".into()));
    }
    let coded: Vec<&[u8]> = pieces.iter().map(|piece| &*piece.coded).collect();
    std::fs::write(to, coded.concat()).map_err(|error| StudioError::io(format!("writing {}", to.display()), error))?;
    let mut at = 0;
    let parts: Vec<(u64, &HeardPart)> = pieces
        .iter()
        .map(|piece| {
            let start = at;
            at += piece.told.blocks * BLOCK;
            (start, &piece.told.heard)
        })
        .collect();
    Ok(Heard::of_parts(&parts, at, packets(pieces).unwrap_or_default()))
}

/// How far the voice of a film lies above what is beneath it, decibels; none without anything beneath.
pub fn speech_over_bed(pieces: &[Piece]) -> Option<f64> {
    let sum = |power: fn(&Told) -> f64| -> f64 {
        pieces.iter().map(|piece| power(&piece.told) * piece.told.spoken as f64).sum()
    };
    let (voice, beneath) = (sum(|told| told.powers.0), sum(|told| told.powers.1));
    let all = pieces.iter().map(|piece| piece.told.spoken).sum::<u64>().max(1) as f64;
    (beneath > 0.0).then(|| decibels(voice / all) - decibels(beneath / all))
}
