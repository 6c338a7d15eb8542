//! Numbers, money, lengths of time and days as people read them, by language.
//!
//! The rules are those of the screen (`web/src/lib/format.ts`): a number reads the same on paper as in the app.
//! Where there is no number there is [`NONE`], never 0.

use model::metric::{Direction, Unit};
use model::time::{Duration, Period};
use model::view::Figure;
use model::{Lang, ask::Scope};

/// Shown where nothing was measured.
pub(crate) const NONE: &str = "–";
/// Below this a share or a mean says too little to be acted on.
pub(crate) const THIN_N: u64 = 30;

/// The language and currency numbers are written in.
#[derive(Debug, Clone)]
pub(crate) struct Format {
    pub lang: Lang,
    /// `₩`, `$`, or the code with a space.
    symbol: String,
    /// Digits after the point of an amount that is not whole.
    cents: usize,
}

/// What became of a number against its comparison.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Delta {
    /// Its size without a sign: `0.5%p`, `6.0%`, `4`.
    pub text: String,
    /// −1, 0 or 1.
    pub sign: i8,
    /// Whether that is good; `None` where neither way is.
    pub is_good: Option<bool>,
}

impl Format {
    pub(crate) fn new(lang: Lang, currency: &str) -> Self {
        let symbol = match currency {
            "KRW" => "₩",
            "USD" => "$",
            "EUR" => "€",
            "GBP" => "£",
            "JPY" | "CNY" => "¥",
            _ => "",
        };
        let cents = if matches!(currency, "KRW" | "JPY" | "VND" | "CLP") { 0 } else { 2 };
        let code: String = currency.chars().filter(char::is_ascii_alphanumeric).take(4).collect();
        let symbol = match (symbol, code.as_str()) {
            ("", "") => String::new(),
            ("", code) => format!("{code}\u{a0}"),
            (symbol, _) => symbol.to_owned(),
        };
        Self { lang, symbol, cents }
    }

    /// One of two words.
    pub(crate) fn say<'a>(&self, ko: &'a str, en: &'a str) -> &'a str {
        match self.lang {
            Lang::Ko => ko,
            Lang::En => en,
        }
    }

    /// A count with its counter: `3,120명`, `3,120`.
    pub(crate) fn people(&self, n: f64) -> String {
        format!("{}{}", self.count(n), self.say("명", ""))
    }

    /// All digits up to ten million, short beyond.
    pub(crate) fn count(&self, n: f64) -> String {
        if n.abs() < 1e7 { whole(n, 0) } else { self.short(n) }
    }

    /// For tight places: `1.2만`, `12.3K`; below 10,000 (ko) or 1,000 (en) all digits stand.
    pub(crate) fn short(&self, n: f64) -> String {
        let floor = if self.lang == Lang::Ko { 1e4 } else { 1e3 };
        if !n.is_finite() {
            NONE.to_owned()
        } else if n.abs() < floor {
            whole(n, if n.abs() < 10.0 { 1 } else { 0 })
        } else {
            format!("{}{}", minus(n), self.compact(n.abs()))
        }
    }

    fn compact(&self, n: f64) -> String {
        let (step, names): (f64, &[&str]) = match self.lang {
            Lang::Ko => (1e4, &["", "만", "억", "조", "경"]),
            Lang::En => (1e3, &["", "K", "M", "B", "T"]),
        };
        let (mut value, mut at) = (n, 0);
        // A number that rounds up to the next unit is written in it: 999,950 is 1M, not 1000K.
        while round(value, 1) >= step && at + 1 < names.len() {
            value /= step;
            at += 1;
        }
        if round(value, 1) >= step * 1e3 { format!("{n:.1e}") } else { whole(value, 1) + names[at] }
    }

    /// A share 0–1 as `26.4%`.
    pub(crate) fn percent(&self, share: f64) -> String {
        if share.is_finite() { format!("{}%", fixed(share * 100.0, 1)) } else { NONE.to_owned() }
    }

    /// Money in whole units: all digits, or short in tight places.
    pub(crate) fn money(&self, units: f64, tight: bool) -> String {
        if !units.is_finite() {
            return NONE.to_owned();
        }
        let (size, floor) = (units.abs(), if self.lang == Lang::Ko { 1e4 } else { 1e3 });
        let digits = if (tight || size > 1e12) && size >= floor {
            self.compact(size)
        } else if size >= 1e3 || tight || size.fract() == 0.0 {
            whole(size, 0)
        } else {
            fixed(size, self.cents)
        };
        format!("{}{}{digits}", minus(round(units, self.cents)), self.symbol)
    }

    /// Seconds as people say them, in at most two units: `0.4초`, `3분 12초`, `6.2일`.
    pub(crate) fn duration(&self, seconds: f64) -> String {
        if !seconds.is_finite() {
            return NONE.to_owned();
        }
        let join = |number: String, ko: &str, en: &str| match self.lang {
            Lang::Ko => number + ko,
            Lang::En => format!("{number} {en}"),
        };
        let two = |big: f64, (ko, en): (&str, &str), small: f64, (small_ko, small_en): (&str, &str)| {
            let head = join(whole(big, 0), ko, en);
            if small == 0.0 { head } else { format!("{head} {}", join(whole(small, 0), small_ko, small_en)) }
        };
        let size = seconds.abs();
        let text = match size {
            _ if size > 0.0 && size < 0.0005 => format!("< {}", join("1".to_owned(), "밀리초", "ms")),
            _ if size > 0.0 && size < 1.0 => join(whole(size * 1e3, 0), "밀리초", "ms"),
            _ if size < 9.95 => join(whole(size, 1), "초", "s"),
            _ if size.round() < 60.0 => join(whole(size, 0), "초", "s"),
            _ if size.round() < 3600.0 => {
                let seconds = size.round();
                two((seconds / 60.0).floor(), ("분", "min"), seconds % 60.0, ("초", "s"))
            }
            _ if (size / 60.0).round() < 1440.0 => {
                let minutes = (size / 60.0).round();
                two((minutes / 60.0).floor(), ("시간", "h"), minutes % 60.0, ("분", "min"))
            }
            _ => {
                let days = size / 86_400.0;
                let text = if days < 9.95 { whole(days, 1) } else { self.count(days.round()) };
                join(text, "일", "d")
            }
        };
        format!("{}{text}", minus(seconds))
    }

    /// Any measured number by its unit; [`NONE`] where there is none.
    pub(crate) fn measure(&self, value: Option<f64>, unit: Unit, tight: bool) -> String {
        let Some(value) = value.filter(|value| value.is_finite()) else { return NONE.to_owned() };
        match unit {
            Unit::Share => self.percent(value),
            Unit::Money => self.money(value, tight),
            Unit::Seconds => self.duration(value),
            Unit::Points => signed(value, usize::from(value.fract() != 0.0)),
            Unit::Score => fixed(value, 1),
            Unit::Number if value.abs() < 100.0 => whole(value, 2),
            Unit::Number | Unit::People | Unit::Events if tight => self.short(value),
            Unit::Number | Unit::People | Unit::Events => self.count(value),
        }
    }

    /// A figure's own value.
    pub(crate) fn figure(&self, figure: &Figure, tight: bool) -> String {
        self.measure(figure.value, figure.unit, tight)
    }

    /// What became of a figure: shares differ in percentage points, scores and points by their difference, all else
    /// by the relative change. `None` where there is nothing to compare with.
    pub(crate) fn delta(&self, figure: &Figure) -> Option<Delta> {
        let now = figure.value.filter(|value| value.is_finite())?;
        let before = figure.previous.filter(|value| value.is_finite())?;
        let difference = now - before;
        let (size, text) = match figure.unit {
            Unit::Share => {
                (difference * 100.0, fixed(difference.abs() * 100.0, 1) + self.say("%p", "\u{a0}pp"))
            }
            Unit::Points | Unit::Score => (difference, whole(difference.abs(), 1)),
            _ if before == 0.0 => return None,
            _ => {
                let relative = difference / before.abs() * 100.0;
                let digits = usize::from(relative.abs() < 10.0 && relative.abs() >= 0.05);
                let text = if relative.abs() < 1e5 {
                    fixed(relative.abs(), digits)
                } else {
                    whole(relative.abs(), 0)
                };
                (relative, text + "%")
            }
        };
        let sign = if size.abs() < 0.05 {
            0
        } else if size > 0.0 {
            1
        } else {
            -1
        };
        let is_good = match figure.good {
            Direction::Up => Some(sign > 0),
            Direction::Down => Some(sign < 0),
            Direction::None => None,
        };
        Some(Delta { text, sign, is_good: is_good.filter(|_| sign != 0) })
    }

    /// `95% 3.6%–4.2%`, where the figure has an interval.
    pub(crate) fn interval(&self, figure: &Figure) -> Option<String> {
        let (low, high) = (figure.low?, figure.high?);
        let end = |value| self.measure(Some(value), figure.unit, true);
        (figure.value.is_some() && low.is_finite() && high.is_finite())
            .then(|| format!("95% {}–{}", end(low), end(high)))
    }

    /// `n 12: too few to judge`, for an estimate on too few people.
    pub(crate) fn thin(&self, figure: &Figure) -> Option<String> {
        let is_estimate = matches!(figure.unit, Unit::Share | Unit::Seconds | Unit::Points | Unit::Score);
        (is_estimate && figure.value.is_some() && figure.n < THIN_N).then(|| self.thin_note(figure.n))
    }

    /// The note itself.
    pub(crate) fn thin_note(&self, n: u64) -> String {
        format!("n {n}: {}", self.say("판단하기 이릅니다", "too few to judge"))
    }

    /// A period as people write it: `2025년 10월`, `2025. 10. 3. – 11. 2.`, `Oct 3 – Nov 2, 2025`.
    pub(crate) fn period(&self, period: Period) -> String {
        let Period { from, to } = period;
        let is_same_year = from.year() == to.year();
        if from.first_of_month() == from && to == from.last_of_month() {
            return match self.lang {
                Lang::Ko => format!("{}년 {}월", from.year(), from.month()),
                Lang::En => format!("{} {}", month(from.month()), from.year()),
            };
        }
        let ko = |year: bool, date: &dyn Fn() -> (i16, i8, i8)| {
            let (y, m, d) = date();
            if year { format!("{y}. {m}. {d}.") } else { format!("{m}. {d}.") }
        };
        let start = || (from.year(), from.month(), from.day());
        let end = || (to.year(), to.month(), to.day());
        match self.lang {
            Lang::Ko if from == to => ko(true, &start),
            Lang::Ko => format!("{} – {}", ko(true, &start), ko(!is_same_year, &end)),
            Lang::En if from == to => format!("{} {}, {}", month(from.month()), from.day(), from.year()),
            Lang::En if is_same_year => {
                let first = format!("{} {}", month(from.month()), from.day());
                format!("{first} – {} {}, {}", month(to.month()), to.day(), to.year())
            }
            Lang::En => {
                let first = format!("{} {}, {}", month(from.month()), from.day(), from.year());
                format!("{first} – {} {}, {}", month(to.month()), to.day(), to.year())
            }
        }
    }

    /// The period of a scope, or that it is all of time.
    pub(crate) fn when(&self, scope: &Scope) -> String {
        match (scope.period, scope.last) {
            (Some(period), _) => self.period(period),
            (None, Some(last)) => {
                let n_days = last.us / Duration::days(1).us;
                match self.lang {
                    Lang::Ko => format!("최근 {n_days}일"),
                    Lang::En => format!("last {n_days} days"),
                }
            }
            (None, None) => self.say("전체 기간", "all time").to_owned(),
        }
    }
}

fn month(number: i8) -> &'static str {
    const NAMES: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    NAMES[(number.clamp(1, 12) - 1) as usize]
}

/// Half away from zero, as people round.
fn round(n: f64, digits: usize) -> f64 {
    let scale = 10f64.powi(digits as i32);
    if n.abs() < 1e15 { (n * scale).round() / scale } else { n }
}

/// A real minus, as wide as a plus.
fn minus(n: f64) -> &'static str {
    if n < 0.0 { "−" } else { "" }
}

/// Grouped digits with at most `digits` decimals.
pub(crate) fn whole(n: f64, digits: usize) -> String {
    let text = fixed(n, digits);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// Grouped digits with exactly `digits` decimals.
pub(crate) fn fixed(n: f64, digits: usize) -> String {
    if !n.is_finite() {
        return NONE.to_owned();
    }
    let n = round(n, digits);
    if n.abs() >= 1e15 {
        return format!("{}{:.1e}", minus(n), n.abs());
    }
    let text = format!("{:.digits$}", n.abs());
    let (units, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut grouped = String::with_capacity(text.len() + 4);
    for (index, digit) in units.chars().enumerate() {
        if index > 0 && (units.len() - index) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{}{grouped}{rest}", minus(n))
}

/// A number with its sign: `+31`, `−0.9`, `0`.
pub(crate) fn signed(n: f64, digits: usize) -> String {
    let plus = if round(n, digits) > 0.0 { "+" } else { "" };
    format!("{plus}{}", fixed(n, digits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Lang::{En, Ko};

    fn check(got: impl AsRef<str>, want: &str) {
        assert_eq!(got.as_ref(), want);
    }

    fn format(lang: Lang, currency: &str) -> Format {
        Format::new(lang, currency)
    }

    #[test]
    fn counts() {
        let (ko, en) = (format(Ko, "KRW"), format(En, "KRW"));
        check(ko.count(18_240.0), "18,240");
        check(ko.people(3_120.0), "3,120명");
        check(en.people(3_120.0), "3,120");
        check(whole(-3.0, 0), "−3"); // A real minus, not a hyphen.
        check(whole(-0.04, 1), "0"); // And none before nothing.
        check(whole(f64::NAN, 0), NONE);
        check(ko.short(12_340.0), "1.2만");
        check(en.short(12_340.0), "12.3K");
        check(ko.short(9_999.0), "9,999"); // Koreans count in ten thousands.
        check(en.short(999.0), "999");
        check(ko.short(123_456_789.0), "1.2억");
        check(en.short(999_950.0), "1M"); // Never 1000K.
        check(en.short(2.25), "2.3");
        check(en.short(-12_340.0), "−12.3K");
        check(ko.count(12_345_678.0), "1,234.6만");
        check(en.short(1e300), "1.0e300");
    }

    #[test]
    fn shares_points_and_scores() {
        let ko = format(Ko, "KRW");
        let measure = |value: f64, unit| ko.measure(Some(value), unit, false);
        check(measure(0.264, Unit::Share), "26.4%");
        check(measure(0.5, Unit::Share), "50.0%");
        check(measure(31.0, Unit::Points), "+31");
        check(measure(-0.9, Unit::Points), "−0.9");
        check(measure(0.0, Unit::Points), "0");
        check(measure(3.84, Unit::Score), "3.8");
        check(measure(1.257, Unit::Number), "1.26");
        check(ko.measure(None, Unit::Share, false), NONE);
        check(ko.measure(Some(f64::INFINITY), Unit::Money, true), NONE);
    }

    #[test]
    fn money() {
        let (ko, en, usd) = (format(Ko, "KRW"), format(En, "KRW"), format(En, "USD"));
        check(ko.money(41_200.0, false), "₩41,200");
        check(ko.money(41_200_000.0, true), "₩4,120만");
        check(en.money(41_200_000.0, true), "₩41.2M");
        check(ko.money(9_900.0, true), "₩9,900");
        check(usd.money(12.5, false), "$12.50");
        check(usd.money(12.0, false), "$12");
        check(ko.money(-12_000.0, false), "−₩12,000");
        check(format(En, "CHF").money(5.0, false), "CHF\u{a0}5");
        check(format(En, "<b>").money(5.0, false), "b\u{a0}5"); // Never markup.
    }

    #[test]
    fn lengths_of_time() {
        let (ko, en) = (format(Ko, "KRW"), format(En, "KRW"));
        check(ko.duration(0.0), "0초");
        check(en.duration(0.000_012), "< 1 ms");
        check(ko.duration(0.4), "400밀리초");
        check(ko.duration(6.8), "6.8초");
        check(en.duration(59.6), "1 min"); // Never 60 s.
        check(ko.duration(192.0), "3분 12초");
        check(en.duration(192.0), "3 min 12 s");
        check(en.duration(3599.7), "1 h"); // Never 60 min.
        check(ko.duration(19_200.0), "5시간 20분");
        check(en.duration(86_399.0), "1 d"); // Never 24 h.
        check(ko.duration(1.4 * 86_400.0), "1.4일");
        check(en.duration(38.0 * 86_400.0), "38 d");
        check(ko.duration(-60.0), "−1분");
    }

    #[test]
    fn changes() {
        let (ko, en) = (format(Ko, "KRW"), format(En, "KRW"));
        let delta = |format: &Format, now: f64, before: f64, unit, good| {
            let figure = Figure { value: Some(now), previous: Some(before), unit, good, ..Figure::default() };
            format.delta(&figure).map(|delta| (delta.text, delta.sign, delta.is_good))
        };
        let is = |text: &str, sign, is_good| Some((text.to_owned(), sign, is_good));
        use Direction::{Down, None as Neither, Up};
        assert_eq!(delta(&ko, 0.039, 0.044, Unit::Share, Up), is("0.5%p", -1, Some(false)));
        assert_eq!(delta(&en, 0.039, 0.044, Unit::Share, Up), is("0.5\u{a0}pp", -1, Some(false)));
        assert_eq!(delta(&ko, 106.0, 100.0, Unit::People, Up), is("6.0%", 1, Some(true)));
        assert_eq!(delta(&ko, 150.0, 100.0, Unit::Money, Down), is("50%", 1, Some(false)));
        assert_eq!(delta(&ko, 4.0, 5.0, Unit::Seconds, Down), is("20%", -1, Some(true)));
        assert_eq!(delta(&ko, 31.0, 27.0, Unit::Points, Up), is("4", 1, Some(true)));
        assert_eq!(delta(&ko, 5.0, 4.0, Unit::Events, Neither), is("25%", 1, None));
        assert_eq!(delta(&ko, 100.0, 100.0, Unit::People, Up), is("0%", 0, None));
        assert_eq!(delta(&ko, 5.0, 0.0, Unit::People, Up), None); // Infinite growth says nothing.
    }

    #[test]
    fn periods() {
        let period = |text: &str| -> Period {
            let (from, to) = text.split_once('/').unwrap();
            Period { from: from.parse().unwrap(), to: to.parse().unwrap() }
        };
        let (ko, en) = (format(Ko, "KRW"), format(En, "KRW"));
        for (text, want_ko, want_en) in [
            ("2025-10-01/2025-10-31", "2025년 10월", "Oct 2025"),
            ("2025-10-03/2025-11-02", "2025. 10. 3. – 11. 2.", "Oct 3 – Nov 2, 2025"),
            ("2025-12-30/2026-01-02", "2025. 12. 30. – 2026. 1. 2.", "Dec 30, 2025 – Jan 2, 2026"),
            ("2025-10-03/2025-10-03", "2025. 10. 3.", "Oct 3, 2025"),
        ] {
            check(ko.period(period(text)), want_ko);
            check(en.period(period(text)), want_en);
        }
    }

    #[test]
    fn doubt() {
        let ko = format(Ko, "KRW");
        let figure = |n, unit| Figure {
            value: Some(0.5),
            low: Some(0.4),
            high: Some(0.6),
            n,
            unit,
            ..Figure::default()
        };
        check(ko.interval(&figure(100, Unit::Share)).unwrap(), "95% 40.0%–60.0%");
        check(ko.thin(&figure(12, Unit::Share)).unwrap(), "n 12: 판단하기 이릅니다");
        assert_eq!(ko.thin(&figure(30, Unit::Share)), None);
        assert_eq!(ko.thin(&figure(12, Unit::People)), None); // A count is exact however small.
    }
}
