//! Releases as a public package names them: one for each of its files. Tests of makers and of whole episodes both read it.

/// Titles of two oils' prices in three calendars.
pub const RELEASES: [&str; 6] = [
    "Daily Europe Brent Spot Price",
    "Weekly Europe Brent Spot Price",
    "Monthly Europe Brent Spot Price",
    "Daily Cushing, OK WTI Spot Price",
    "Weekly Cushing, OK WTI Spot Price",
    "Monthly Cushing, OK WTI Spot Price",
];
