//! Easing: how a share of time becomes a share of a movement.

/// Share of the way from `start` to `start + length` at time `t`, 0–1, linear.
pub fn progress(t: f32, start: f32, length: f32) -> f32 {
    if length <= 0.0 { f32::from(u8::from(t >= start)) } else { ((t - start) / length).clamp(0.0, 1.0) }
}

/// Fast at first, gentle at the end (cubic).
pub fn ease_out(share: f32) -> f32 {
    1.0 - (1.0 - share.clamp(0.0, 1.0)).powi(3)
}

/// Gentle at both ends (smoothstep).
pub fn ease_both(share: f32) -> f32 {
    let s = share.clamp(0.0, 1.0);
    s * s * (3.0 - 2.0 * s)
}

/// Eased share of a movement that starts at `start` and takes `length` seconds.
pub fn arrive(t: f32, start: f32, length: f32) -> f32 {
    ease_out(progress(t, start, length))
}

/// An opacity as a byte.
pub fn opacity(share: f32) -> u8 {
    (share.clamp(0.0, 1.0) * 255.0).round() as u8
}

/// `from + (to − from) × share`.
pub fn between(from: f32, to: f32, share: f32) -> f32 {
    from + (to - from) * share
}
