//! Clients of outside services, each built to its published contract; they ask the [`proofreel_ports::Outside`] port and never the network.

pub mod demand;
pub mod source;
pub mod text;
