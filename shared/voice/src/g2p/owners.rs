//! Who owns a word that a rewriting made: the words before and after are laid side by side.

/// Owners of the words `after`, made of the words `before` with their `owners`. Equal stretches keep their owners;
/// a replaced stretch is shared out in order; an inserted word belongs to the word in front.
pub(super) fn carried(before: &[&str], owners: &[usize], after: &[&str]) -> Vec<usize> {
    let mut equal = Vec::new();
    matching(before, after, (0, before.len()), (0, after.len()), &mut equal);
    equal.push((before.len(), after.len(), 0));
    let (mut out, mut a, mut b) = (Vec::with_capacity(after.len()), 0, 0);
    for (a_next, b_next, size) in equal {
        let (olds, news) = (a_next - a, b_next - b);
        for k in 0..news {
            let old = if olds == 0 { a.saturating_sub(1) } else { a + (k * olds / news).min(olds - 1) };
            out.push(owners.get(old).copied().unwrap_or(0));
        }
        out.extend_from_slice(&owners[a_next..a_next + size]);
        (a, b) = (a_next + size, b_next + size);
    }
    out
}

/// Longest common stretch first, then the same to its left and right (Ratcliff and Obershelp's pattern matching).
fn matching(
    before: &[&str],
    after: &[&str],
    (a_low, a_high): (usize, usize),
    (b_low, b_high): (usize, usize),
    out: &mut Vec<(usize, usize, usize)>,
) {
    let (mut best_a, mut best_b, mut best) = (a_low, b_low, 0);
    let mut lengths = vec![0; b_high - b_low + 1];
    for (a, word) in before.iter().enumerate().take(a_high).skip(a_low) {
        let mut next = vec![0; b_high - b_low + 1];
        for b in b_low..b_high {
            if *word == after[b] {
                let size = lengths[b - b_low] + 1;
                next[b - b_low + 1] = size;
                if size > best {
                    (best_a, best_b, best) = (a + 1 - size, b + 1 - size, size);
                }
            }
        }
        lengths = next;
    }
    if best == 0 {
        return;
    }
    matching(before, after, (a_low, best_a), (b_low, best_b), out);
    out.push((best_a, best_b, best));
    matching(before, after, (best_a + best, a_high), (best_b + best, b_high), out);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_survive_a_rewriting() {
        let after = ["the", "eighteenth", "of", "August", "2026"];
        assert_eq!(carried(&["18", "August", "2026"], &[0, 1, 2], &after), [0, 0, 0, 1, 2]);
        assert_eq!(carried(&["8:30", "a.m."], &[0, 1], &["eight", "thirty", "A.M."]), [0, 0, 1]);
        assert_eq!(carried(&["up", "4"], &[3, 4], &["up", "plus", "4"]), [3, 3, 4]);
    }
}
