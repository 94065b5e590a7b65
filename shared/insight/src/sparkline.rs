//! A row of blocks that shows how a figure went.

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// One sign a value between the least and the greatest of them; a point where there is none.
pub fn sparkline(values: &[Option<f64>]) -> String {
    let known = || values.iter().flatten().copied();
    let (least, most) = (known().fold(f64::INFINITY, f64::min), known().fold(f64::NEG_INFINITY, f64::max));
    let sign = |value: &Option<f64>| {
        let Some(value) = value else { return '·' };
        if most <= least {
            return BLOCKS[3];
        }
        let place = (value - least) / (most - least) * (BLOCKS.len() - 1) as f64;
        BLOCKS[place.round() as usize]
    };
    values.iter().map(sign).collect()
}

#[cfg(test)]
mod tests {
    use super::sparkline;

    #[test]
    fn least_and_most_are_the_ends_and_gaps_are_seen() {
        assert_eq!(sparkline(&[Some(1.0), None, Some(8.0), Some(4.5)]), "▁·█▅");
        assert_eq!(sparkline(&[Some(2.0), Some(2.0)]), "▄▄");
        assert_eq!(sparkline(&[]), "");
    }
}
