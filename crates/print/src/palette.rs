//! Colours by meaning, the same as the app's: measured, assumed, bad, good, and one for each channel.

use crate::{Size, Theme};

/// A colour as written in SVG.
pub(crate) type Color = &'static str;

/// The colours of one theme.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Palette {
    pub paper: Color,
    pub card: Color,
    pub lane: Color,
    pub line: Color,
    pub line_soft: Color,
    pub line_strong: Color,
    pub track: Color,
    pub ink: Color,
    pub soft: Color,
    pub faint: Color,
    pub real: Color,
    pub real_soft: Color,
    pub real_line: Color,
    pub guess: Color,
    pub guess_line: Color,
    pub bad: Color,
    pub bad_soft: Color,
    pub bad_line: Color,
    pub good: Color,
    pub note: Color,
    channels: [Color; 8],
}

const LIGHT: Palette = Palette {
    paper: "#fbfaf7",
    card: "#ffffff",
    lane: "#fdfcfa",
    line: "#e7e2d9",
    line_soft: "#f1ede5",
    line_strong: "#cfc8bb",
    track: "#ece8df",
    ink: "#1c1a17",
    soft: "#5c574e",
    faint: "#6d675c",
    real: "#0f766e",
    real_soft: "#f4faf8",
    real_line: "#cfe7e2",
    guess: "#9a5808",
    guess_line: "#dcb887",
    bad: "#be123c",
    bad_soft: "#fff7f8",
    bad_line: "#f6cfd6",
    good: "#157a3c",
    note: "#fbf9f3",
    channels: ["#2563eb", "#0891b2", "#b45309", "#9d4edd", "#0f766e", "#64748b", "#be123c", "#4d7c0f"],
};

const DARK: Palette = Palette {
    paper: "#16150f",
    card: "#1e1c16",
    lane: "#1a1913",
    line: "#35322a",
    line_soft: "#2a2720",
    line_strong: "#4b473d",
    track: "#322f27",
    ink: "#efebe2",
    soft: "#b8b1a4",
    faint: "#989183",
    real: "#5cc2b5",
    real_soft: "#17302c",
    real_line: "#27544d",
    guess: "#e3a552",
    guess_line: "#6b5228",
    bad: "#ff8096",
    bad_soft: "#38181e",
    bad_line: "#63303a",
    good: "#66c98c",
    note: "#24221a",
    channels: ["#7aa5ff", "#4cc9e6", "#f0a04b", "#c79bff", "#4fb8ac", "#a3b1c6", "#ff7f98", "#a5cf5c"],
};

impl Palette {
    /// Office printers leave a white edge round a tinted page, so only posters get the tint.
    pub(crate) fn new(theme: Theme, size: Size) -> Self {
        match theme {
            Theme::Dark => DARK,
            Theme::Light if size == Size::Poster => LIGHT,
            Theme::Light => Palette { paper: "#ffffff", ..LIGHT },
        }
    }

    /// Always the same colour for the same channel, here and in the app (`web/src/lib/ui/channel.ts`).
    pub(crate) fn channel(&self, channel: Option<&str>) -> Color {
        let name = channel.unwrap_or("").to_lowercase();
        if name.is_empty() {
            return self.line_strong;
        }
        let known = KNOWN.iter().position(|rule| rule.matches(&name));
        known.map_or_else(
            || {
                let hash =
                    name.chars().fold(0u32, |hash, c| hash.wrapping_mul(31).wrapping_add(u32::from(c)));
                self.channels[(hash % 8) as usize]
            },
            |at| self.channels[at],
        )
    }
}

/// How the names of channels that many companies have are recognised.
struct Known {
    starts: &'static [&'static str],
    contains: &'static [&'static str],
    ends: &'static [&'static str],
}

impl Known {
    fn matches(&self, name: &str) -> bool {
        self.starts.iter().any(|part| name.starts_with(part))
            || self.contains.iter().any(|part| name.contains(part))
            || self.ends.iter().any(|part| name.ends_with(part))
    }
}

/// In the order of the palette; the first that matches rules.
const KNOWN: [Known; 8] = [
    Known {
        starts: &["web", "site", "homepage", "browser", "pc", "desktop", "online"],
        contains: &[],
        ends: &[],
    },
    Known { starts: &["app", "mobile", "ios", "android", "push"], contains: &[], ends: &[] },
    Known {
        starts: &["ad", "ads", "search", "sem", "display"],
        contains: &[],
        ends: &["ad", "ads", "search", "sem", "display", "banner", "paid"],
    },
    Known {
        starts: &[],
        contains: &[
            "social",
            "sns",
            "insta",
            "facebook",
            "youtube",
            "tiktok",
            "naverblog",
            "naver_blog",
            "twitter",
        ],
        ends: &[],
    },
    Known { starts: &[], contains: &["refer", "friend", "recommend", "affiliate", "partner"], ends: &[] },
    Known { starts: &[], contains: &["store", "shop", "offline", "pos", "branch", "retail"], ends: &[] },
    Known {
        starts: &[],
        contains: &["call", "phone", "support", "chat", "service", "ticket", "help", "counsel"],
        ends: &["cs"],
    },
    Known {
        starts: &[],
        contains: &["mail", "sms", "kakao", "message", "letter", "newsletter", "crm", "post"],
        ends: &[],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_keep_their_colour() {
        let palette = Palette::new(Theme::Light, Size::A4);
        for (name, at) in [
            ("Web", 0),
            ("app_push", 1),
            ("search_ad", 2),
            ("naver_blog", 3),
            ("referral", 4),
            ("매장 store", 5),
            ("cs", 6),
            ("email", 7),
        ] {
            assert_eq!(palette.channel(Some(name)), LIGHT.channels[at], "{name}");
        }
        assert_eq!(palette.channel(None), LIGHT.line_strong);
        assert_eq!(palette.channel(Some("매장")), palette.channel(Some("매장")));
    }
}
