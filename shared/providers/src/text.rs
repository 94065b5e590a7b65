//! Text context: encyclopedia, feeds and article pages. All of it is data of strangers; none of it is ever an instruction.

pub mod article;
pub mod feeds;
pub mod wikipedia;
