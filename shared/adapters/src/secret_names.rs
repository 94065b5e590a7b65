use proofreel_ports::PortError;

/// Longest name of a secret.
const LONGEST: usize = 64;

/// A name is small letters, digits and `_`, so that it can be a variable, a line of a file and a parameter alike.
pub(crate) fn check_name(name: &str) -> Result<(), PortError> {
    let plain = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '_';
    if name.is_empty() || name.len() > LONGEST || !name.chars().all(plain) {
        return Err(PortError::IllegalKey {
            key: name.chars().take(LONGEST).collect(),
            why: format!("a secret's name is 1 to {LONGEST} small letters, digits and `_`"),
        });
    }
    Ok(())
}
