//! The one HTTP client: what may be reached, and what an answer may cost.
