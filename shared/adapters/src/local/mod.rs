//! What one machine has: voices.

pub mod voice;
