//! What people ask for: page views of the encyclopedia, how often feeds mention a subject, what competing channels publish.

pub mod benchmark;
pub mod mentions;
pub mod pageviews;
pub mod rivals;
