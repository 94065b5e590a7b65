//! Stock pictures of others: the ledger of what was taken from whom under which licence, and how it is credited.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::digest::{BlobRef, Digest};
use crate::policy::picture_law;

/// A row of the licence ledger: one picture that an order may use. It is part of the order, so that a run never asks again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StockPicture {
    /// The channel's interest that it stands for.
    pub subject: String,
    /// Provider, as named in `specs/policy/providers.toml`.
    pub provider: String,
    /// The provider's identifier of the work.
    pub id: String,
    /// Title; may be empty. Words of a stranger without any digit.
    pub title: String,
    /// Author; empty only where the licence does not ask for one. Words of a stranger without any digit.
    pub author: String,
    /// Address of the page on which the work and its licence stand.
    pub page: String,
    /// Licence, by its identifier in `specs/policy/pictures.toml`.
    pub licence: String,
    /// Address of the licence.
    pub licence_url: String,
    /// Day on which it was fetched and its licence read.
    pub retrieved: Date,
    /// Digest of the file as the provider sent it.
    pub original: Digest,
    /// The picture as it is kept: unpacked, made smaller and packed anew by this program, PNG.
    pub blob: BlobRef,
    /// Width of what is kept, pixels.
    pub width: u32,
    /// Height of what is kept, pixels.
    pub height: u32,
}

/// The picture behind a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Backing {
    /// Digest of the kept picture: names its row of the ledger.
    pub picture: Digest,
    /// The credit on screen, as [`StockPicture::credit`] words it.
    pub credit: String,
}

impl StockPicture {
    /// The credit on screen: author, licence and provider.
    pub fn credit(&self) -> String {
        let by = if self.author.is_empty() { String::new() } else { format!("{}, ", self.author) };
        format!("Picture: {by}{}, via {}", self.licence_name(), self.provider_name())
    }

    /// Title, author, source and licence, and what was done to the work: the line of the description.
    pub fn attribution(&self) -> String {
        let title = if self.title.is_empty() { String::new() } else { format!("“{}” ", self.title) };
        let by = if self.author.is_empty() { String::new() } else { format!("by {} ", self.author) };
        format!(
            "• {title}{by}– {} – {} ({}), via {}, cropped and darkened",
            self.page,
            self.licence_name(),
            self.licence_url,
            self.provider_name()
        )
    }

    /// The picture as a card refers to it.
    pub fn backing(&self) -> Backing {
        Backing { picture: self.blob.digest.clone(), credit: self.credit() }
    }

    /// Name of what is kept in an episode's folder.
    pub fn file_name(&self) -> String {
        format!("picture-{}.png", self.blob.digest.short())
    }

    /// What keeps it out of a film, whatever the channel says; none when nothing does.
    pub fn fault(&self) -> Option<String> {
        let law = picture_law();
        let Some(licence) = law.licence(&self.licence) else {
            return Some(format!("its licence `{}` is none under which a film may use it", self.licence));
        };
        if law.provider(&self.provider).is_none() {
            return Some(format!("`{}` is no provider of pictures", self.provider));
        }
        if licence.url != self.licence_url {
            return Some(format!("{} does not stand at {}", licence.id, self.licence_url));
        }
        if licence.author_owed && self.author.is_empty() {
            return Some(format!("{} asks for the author, and none is named", licence.name));
        }
        if !is_address(&self.page) {
            return Some("its page is no https address".into());
        }
        let texts = [("title", &self.title, law.texts.title), ("author", &self.author, law.texts.author)];
        texts.into_iter().find(|(_, text, most)| !text.is_empty() && plain(text, *most).as_ref() != Some(*text)).map(
            |(what, ..)| format!("its {what} is too long, or holds a digit, a mark of HTML or a character that hides"),
        )
    }

    fn licence_name(&self) -> &str {
        picture_law().licence(&self.licence).map_or(self.licence.as_str(), |licence| &licence.name)
    }

    fn provider_name(&self) -> &str {
        picture_law().provider(&self.provider).map_or(self.provider.as_str(), |provider| &provider.name)
    }
}

/// An https address that a description can hold.
fn is_address(text: &str) -> bool {
    let clean = |sign: char| sign.is_ascii_graphic() && !matches!(sign, '<' | '>' | '"' | '\'' | '\\' | '`');
    text.len() <= picture_law().texts.page && text.starts_with("https://") && text.chars().all(clean)
}

/// The words of a stranger as they may be shown: blanks made single, at most so many characters. None when there are none left, too
/// many, or one of them is a digit, hides or turns text, or could be read as an address or as HTML.
pub fn plain(text: &str, most: usize) -> Option<String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let odd = |sign: char| {
        sign.is_numeric()
            || sign.is_control()
            || matches!(sign, '<' | '>' | '@' | '\\' | '`' | '{' | '}' | '|' | '"' | '“' | '”' | '\u{ad}' | '\u{fffd}')
            || matches!(sign, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202f}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
            || matches!(
                sign,
                '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{180e}' | '\u{fff9}'..='\u{fffb}'
            )
            || matches!(sign, '\u{e000}'..='\u{f8ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{10ffff}')
    };
    let good = !text.is_empty() && text.chars().count() <= most && !text.contains("://") && !text.chars().any(odd);
    good.then_some(text)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn picture() -> StockPicture {
        StockPicture {
            subject: "gold".into(),
            provider: "commons".into(),
            id: "File:Bars.jpg".into(),
            title: "Bars of gold".into(),
            author: "Jane Doe".into(),
            page: "https://commons.wikimedia.org/wiki/File:Bars.jpg".into(),
            licence: "CC-BY-4.0".into(),
            licence_url: "https://creativecommons.org/licenses/by/4.0/".into(),
            retrieved: jiff::civil::date(2026, 11, 28),
            original: Digest::of(b"original"),
            blob: BlobRef::to("pictures", b"kept"),
            width: 1600,
            height: 900,
        }
    }

    #[test]
    fn a_credit_names_author_source_licence_and_changes() {
        let one = picture();
        assert_eq!(one.fault(), None);
        assert_eq!(one.credit(), "Picture: Jane Doe, CC BY 4.0, via Wikimedia Commons");
        assert_eq!(
            one.attribution(),
            "• “Bars of gold” by Jane Doe – https://commons.wikimedia.org/wiki/File:Bars.jpg – CC BY 4.0 \
             (https://creativecommons.org/licenses/by/4.0/), via Wikimedia Commons, cropped and darkened"
        );
        let free = StockPicture {
            author: String::new(),
            title: String::new(),
            licence: "CC0-1.0".into(),
            licence_url: "https://creativecommons.org/publicdomain/zero/1.0/".into(),
            ..one
        };
        assert_eq!((free.fault(), free.credit().as_str()), (None, "Picture: CC0, via Wikimedia Commons"));
    }

    #[test]
    fn what_may_not_be_used_says_why() {
        let refused = |spoil: fn(&mut StockPicture)| {
            let mut one = picture();
            spoil(&mut one);
            one.fault().unwrap_or_default()
        };
        assert!(refused(|one| one.licence = "CC-BY-NC-4.0".into()).contains("CC-BY-NC-4.0"));
        assert!(refused(|one| one.licence.clear()).contains("none under which"));
        assert!(refused(|one| one.licence_url = "https://evil.example/".into()).contains("does not stand at"));
        assert!(refused(|one| one.author.clear()).contains("asks for the author"));
        assert!(refused(|one| one.provider = "elsewhere".into()).contains("no provider"));
        assert!(refused(|one| one.page = "http://a.example/".into()).contains("https"));
        assert!(refused(|one| one.page = "https://a.example/\n<b>".into()).contains("https"));
        assert!(refused(|one| one.title = "Gold at $9,000".into()).contains("title"));
        assert!(refused(|one| one.author = "a\u{202e}b".into()).contains("author"));
    }

    #[test]
    fn words_of_strangers_are_taken_only_as_words() {
        assert_eq!(plain("  Bars \n of\tgold ", 80).as_deref(), Some("Bars of gold"));
        assert_eq!(plain("Ärzte, «Gold» – 金", 80).as_deref(), Some("Ärzte, «Gold» – 金"));
        for text in [
            "",
            " ",
            "in 2008",
            "x²",
            "٣ bars",
            "a\u{200b}b",
            "a\u{202e}b",
            "<b>",
            "see https://x.example",
            "a@b",
            "\u{0}",
        ] {
            assert_eq!(plain(text, 80), None, "{text:?}");
        }
        assert_eq!(plain("abcdef", 5), None);
    }
}
