//! Reads texts aloud as phonemes: a line each on standard input, a JSON line each on standard output.
//! `tests/bench/voice_reading.py` compares what it says with the voice's own package.

use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::time::Instant;

use proofreel_voice::assets::Assets;
use proofreel_voice::g2p::{Gap, Reader};
use proofreel_voice::reading::sentence_ends;
use serde_json::json;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::var_os("PROOFREEL_VOICE_DIR").map_or_else(|| PathBuf::from(".voice"), PathBuf::from);
    let start = Instant::now();
    let reader = Reader::new(&Assets::open(&folder)?, &BTreeMap::new())?;
    eprintln!("loaded in {} ms", start.elapsed().as_millis());
    let start = Instant::now();
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let tokens: Vec<&str> = line.split_whitespace().collect();
        let mut sentences = vec![String::new()];
        for piece in reader.pieces(&tokens) {
            if let Some(last) = sentences.last_mut() {
                last.extend(piece.chars.iter().map(|(c, _)| *c));
                match piece.gap_after {
                    Gap::Clause => last.push(' '),
                    Gap::Sentence => sentences.push(String::new()),
                }
            }
        }
        sentences.retain(|sentence| !sentence.is_empty());
        let (spoken, ends) = (reader.spoken(&tokens), sentence_ends(&tokens));
        writeln!(out, "{}", json!({ "spoken": spoken, "ends": ends, "phonemes": sentences }))?;
    }
    eprintln!("read in {} ms", start.elapsed().as_millis());
    Ok(())
}
