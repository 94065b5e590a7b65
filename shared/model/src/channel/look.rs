//! The look of a channel: a theme of the law, and what the operator sets otherwise.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::film::Format;

/// A table of a look whose keys may all be left out: one that leaves a key out takes it from another.
macro_rules! keys {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $key:ident: $kind:ty,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields, default)]
        pub struct $name {
            $($(#[$doc])* #[serde(skip_serializing_if = "Option::is_none")] pub $key: Option<$kind>,)+
        }

        impl $name {
            /// These keys; what they leave out is taken from `base`.
            #[must_use]
            pub fn over(&self, base: &Self) -> Self {
                Self { $($key: self.$key.clone().or_else(|| base.$key.clone()),)+ }
            }

            /// True when no key is set.
            pub fn is_empty(&self) -> bool {
                $(self.$key.is_none())&&+
            }
        }
    };
}

keys! {
    /// Colours as `#rrggbb`, by what they are for.
    PaletteKeys {
        /// Behind everything.
        background: String,
        /// Plates and panels on the background.
        surface: String,
        /// Text.
        ink: String,
        /// Secondary text and axes.
        muted: String,
        /// Grid lines and empty tracks.
        grid: String,
        /// The thing being said.
        accent: String,
        /// The thing it is compared with.
        contrast: String,
        /// Rises, where rising is the point.
        positive: String,
        /// Falls.
        negative: String,
        /// Further lines of a chart, after accent and contrast: up to six.
        series: Vec<String>,
    }
}

keys! {
    /// Sizes of type: factors on the sizes of the law.
    TypeKeys {
        /// All sizes.
        scale: f64,
        /// Heading of a title card.
        title: f64,
        /// The number that carries a scene.
        figure: f64,
        /// Heading of a chart.
        heading: f64,
        /// Line below a heading.
        deck: f64,
        /// Labels of bars, lines and points.
        label: f64,
        /// Axis ticks.
        tick: f64,
        /// Source line and small print.
        small: f64,
        /// Burned-in captions.
        caption: f64,
    }
}

keys! {
    /// Distances, corners and strokes.
    SpaceKeys {
        /// Unit of all distances, pixels.
        unit: f64,
        /// Radius of the corners of plates, pixels.
        radius: f64,
        /// Factor on the widths of strokes.
        stroke: f64,
    }
}

/// Named curves of motion; their numbers are in the law.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CurveName {
    /// Quick at first, long and gentle at the end.
    Calm,
    /// Nearly there at once.
    Crisp,
    /// Close to an even speed.
    Even,
}

keys! {
    /// How things move.
    MotionKeys {
        /// Speed of all movements; 2 is twice as quick.
        pace: f64,
        /// Curve of all movements.
        curve: CurveName,
        /// A part of a picture comes in, seconds at pace 1.
        enter: f64,
        /// A picture goes, seconds at pace 1.
        leave: f64,
        /// Attention is drawn to something that is there, seconds at pace 1.
        emphasis: f64,
        /// From one part of a group to the next, seconds at pace 1.
        stagger: f64,
    }
}

keys! {
    /// Margins that text and marks stay out of, pixels.
    MarginKeys {
        /// Left.
        left: u32,
        /// Top.
        top: u32,
        /// Right.
        right: u32,
        /// Bottom.
        bottom: u32,
    }
}

/// Margins by format.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SafeKeys {
    /// Of 1920 × 1080.
    #[serde(skip_serializing_if = "MarginKeys::is_empty")]
    pub landscape: MarginKeys,
    /// Of 1080 × 1920.
    #[serde(skip_serializing_if = "MarginKeys::is_empty")]
    pub portrait: MarginKeys,
}

impl SafeKeys {
    /// The margins of a format.
    pub fn of(&self, format: Format) -> &MarginKeys {
        match format {
            Format::Landscape => &self.landscape,
            Format::Portrait => &self.portrait,
        }
    }

    /// True when no key is set.
    pub fn is_empty(&self) -> bool {
        self.landscape.is_empty() && self.portrait.is_empty()
    }
}

/// How captions are drawn into the picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CaptionStyle {
    /// Words on a plate.
    #[default]
    Plain,
    /// The spoken word is lit.
    Karaoke,
}

impl CaptionStyle {
    /// True for plain captions.
    pub fn is_plain(&self) -> bool {
        *self == Self::Plain
    }
}

/// The look: a theme by name, and what differs from it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Look {
    /// Theme of `specs/policy/themes.toml`.
    pub theme: String,
    /// Short for `palette.background`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub background: Option<String>,
    /// Short for `palette.ink`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ink: Option<String>,
    /// Short for `palette.muted`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub muted: Option<String>,
    /// Short for `palette.accent`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accent: Option<String>,
    /// Short for `palette.contrast`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contrast: Option<String>,
    /// Colours.
    #[serde(skip_serializing_if = "PaletteKeys::is_empty")]
    pub palette: PaletteKeys,
    /// Sizes of type.
    #[serde(rename = "type", skip_serializing_if = "TypeKeys::is_empty")]
    pub sizes: TypeKeys,
    /// Distances, corners, strokes.
    #[serde(skip_serializing_if = "SpaceKeys::is_empty")]
    pub space: SpaceKeys,
    /// Motion.
    #[serde(skip_serializing_if = "MotionKeys::is_empty")]
    pub motion: MotionKeys,
    /// Margins.
    #[serde(skip_serializing_if = "SafeKeys::is_empty")]
    pub safe: SafeKeys,
    /// How captions are drawn where they are; set by `[episode] captions`.
    #[serde(skip_serializing_if = "CaptionStyle::is_plain")]
    pub captions: CaptionStyle,
}

impl Default for Look {
    /// The default theme of the law, unchanged.
    fn default() -> Self {
        Self::of(&crate::policy::themes().default)
    }
}

impl Look {
    /// A theme, unchanged.
    pub fn of(theme: &str) -> Self {
        Self {
            theme: theme.to_owned(),
            background: None,
            ink: None,
            muted: None,
            accent: None,
            contrast: None,
            palette: PaletteKeys::default(),
            sizes: TypeKeys::default(),
            space: SpaceKeys::default(),
            motion: MotionKeys::default(),
            safe: SafeKeys::default(),
            captions: CaptionStyle::Plain,
        }
    }

    /// The colours that the operator sets, long and short keys together; `[look.palette]` wins.
    pub fn own_palette(&self) -> PaletteKeys {
        let short = PaletteKeys {
            background: self.background.clone(),
            ink: self.ink.clone(),
            muted: self.muted.clone(),
            accent: self.accent.clone(),
            contrast: self.contrast.clone(),
            ..PaletteKeys::default()
        };
        self.palette.over(&short)
    }
}
