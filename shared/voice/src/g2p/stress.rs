//! Stress marks in phonemes: how heavy a word is spoken, and where a mark stands.

/// Mark of the main stress.
pub(super) const PRIMARY: char = 'ˈ';
/// Mark of the side stress.
pub(super) const SECONDARY: char = 'ˌ';

/// Whether a phoneme character is a vowel.
pub(super) fn is_vowel(c: char) -> bool {
    "AIOQWYaiuæɑɒɔəɛɜɪʊʌᵻ".contains(c)
}

/// Whether a phoneme character is a consonant.
pub(super) fn is_consonant(c: char) -> bool {
    "bdfhjklmnpstvwzðŋɡɹɾʃʒʤʧθ".contains(c)
}

/// Length of a word's sound: long vowels and affricates count double.
pub(super) fn weight(phonemes: &str) -> usize {
    phonemes.chars().map(|c| if "AIOQWYʤʧ".contains(c) { 2 } else { 1 }).sum()
}

/// Moves every stress mark to just before the next vowel behind it.
fn settled(phonemes: &str) -> String {
    let chars: Vec<char> = phonemes.chars().collect();
    // Twice the place, so that a mark can stand between two characters.
    let mut placed: Vec<(usize, char)> = chars.iter().enumerate().map(|(at, c)| (2 * at, *c)).collect();
    for at in 0..chars.len() {
        if [PRIMARY, SECONDARY].contains(&chars[at])
            && let Some(vowel) = (at..chars.len()).find(|next| is_vowel(chars[*next]))
        {
            placed[at].0 = 2 * vowel - 1;
        }
    }
    placed.sort_unstable();
    placed.into_iter().map(|(_, c)| c).collect()
}

/// The phonemes of a word with its stress changed by `level`: below −1 none is left, −1 makes the main stress a side
/// stress, 0 to 1 give an unstressed word a side stress, 1 and above lift a side stress, 2 also gives a main stress.
pub(super) fn apply(phonemes: &str, level: Option<f32>) -> String {
    let Some(level) = level else { return phonemes.to_owned() };
    let (primary, secondary) = (phonemes.contains(PRIMARY), phonemes.contains(SECONDARY));
    let bare = !primary && !secondary;
    let give = |mark: char| {
        if phonemes.chars().any(is_vowel) { settled(&format!("{mark}{phonemes}")) } else { phonemes.to_owned() }
    };
    if level < -1.0 {
        phonemes.replace([PRIMARY, SECONDARY], "")
    } else if level == -1.0 || ((level == 0.0 || level == -0.5) && primary) {
        phonemes.replace(SECONDARY, "").replace(PRIMARY, "ˌ")
    } else if bare && (0.0..=1.0).contains(&level) {
        give(SECONDARY)
    } else if level >= 1.0 && secondary && !primary {
        phonemes.replace(SECONDARY, "ˈ")
    } else if bare && level > 1.0 {
        give(PRIMARY)
    } else {
        phonemes.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stress_is_lowered_given_and_lifted() {
        assert_eq!(apply("ˈɑˌɑ", Some(-2.0)), "ɑɑ");
        assert_eq!(apply("pˌɛɹsˈɛnt", Some(0.0)), "pɛɹsˌɛnt");
        assert_eq!(apply("ðə", Some(0.5)), "ðˌə");
        assert_eq!(apply("ðə", Some(2.0)), "ðˈə");
        assert_eq!(apply("tˌu", Some(1.0)), "tˈu");
        assert_eq!(apply("st", Some(2.0)), "st");
        assert_eq!(apply("tˈu", None), "tˈu");
    }
}
