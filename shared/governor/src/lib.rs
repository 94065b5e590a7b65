//! Calls to the outside, governed: cache first, within quota, never stuck.
