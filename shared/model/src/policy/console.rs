//! `specs/policy/console.toml`.

use std::sync::OnceLock;

use serde::Deserialize;

/// How people sign in to the console, and what a request may cost.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsoleLaw {
    /// One-time links.
    pub link: LinkLaw,
    /// Sessions.
    pub session: SessionLaw,
    /// Forms.
    pub form: FormLaw,
    /// Films and other files.
    pub film: FilmLaw,
    /// Lists.
    pub page: PageLaw,
}

/// One-time links.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkLaw {
    /// Minutes after which an unused link is void.
    pub valid_minutes: i64,
    /// Links tried in vain from one address within a window.
    pub failed: i64,
    /// The window, minutes.
    pub window_minutes: i64,
}

/// Sessions.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionLaw {
    /// Minutes without a page after which it ends.
    pub idle_minutes: i64,
    /// Hours after which it ends whatever happens.
    pub absolute_hours: i64,
    /// Minutes within which its row is not written again.
    pub touch_minutes: i64,
}

/// Forms.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormLaw {
    /// Largest body, bytes.
    pub body_bytes: usize,
    /// Most fields.
    pub fields: usize,
}

/// Films and other files.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilmLaw {
    /// Read from storage at once, KiB.
    pub piece_kib: u64,
    /// Most of one answer to a player that does not say how much it wants, KiB.
    pub most_kib: u64,
}

/// Lists.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageLaw {
    /// Newest runs on a list.
    pub runs: usize,
    /// Newest incidents shown.
    pub incidents: usize,
    /// Newest reports listed.
    pub reports: usize,
}

/// The law this program was built with.
///
/// # Panics
/// Never in a program that passed its tests: a test loads the file.
#[allow(clippy::expect_used)] // compiled in, and a test loads it
pub fn console_law() -> &'static ConsoleLaw {
    static LAW: OnceLock<ConsoleLaw> = OnceLock::new();
    LAW.get_or_init(|| {
        toml::from_str(include_str!("../../../../specs/policy/console.toml")).expect("specs/policy/console.toml")
    })
}

#[cfg(test)]
mod tests {
    use super::console_law;

    #[test]
    fn the_law_loads_and_a_session_ends_by_itself() {
        let law = console_law();
        assert!(law.session.touch_minutes < law.session.idle_minutes);
        assert!(law.session.idle_minutes < law.session.absolute_hours * 60);
        assert!(law.film.piece_kib <= law.film.most_kib && law.form.body_bytes >= 8192);
    }
}
