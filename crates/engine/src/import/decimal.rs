//! Exact decimals: amounts are read, multiplied and summed without a rounding error and rounded once, at the end.

use std::fmt;

/// Digits after the point that are kept exactly; a cell is rounded there, such as the `4.4e-16` that floating-point
/// sums leave behind. A product of two columns rarely has more than eight.
const SCALE_MAX: u8 = 18;

/// `mantissa · 10^-scale`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Decimal {
    mantissa: i128,
    scale: u8,
}

impl Decimal {
    /// Bytes of its stored form.
    pub(super) const N_BYTES: usize = 17;

    /// As stored in a partition file.
    pub(super) fn to_bytes(self) -> [u8; Self::N_BYTES] {
        let mut bytes = [self.scale; Self::N_BYTES];
        bytes[..16].copy_from_slice(&self.mantissa.to_le_bytes());
        bytes
    }

    /// Reads [`Decimal::to_bytes`] back.
    pub(super) fn from_bytes(bytes: [u8; Self::N_BYTES]) -> Self {
        let mut mantissa = [0u8; 16];
        mantissa.copy_from_slice(&bytes[..16]);
        Self { mantissa: i128::from_le_bytes(mantissa), scale: bytes[16] }
    }

    /// A whole number.
    pub(super) fn whole(n: u64) -> Self {
        Self { mantissa: i128::from(n), scale: 0 }
    }

    /// Reads `-1,234.50`, `₩12,000`, `12,000원`, `(3.50)` (a negative in bookkeeping), `1.5e-3`.
    ///
    /// `None` for what is no finite decimal number or has more than 30 digits. Beyond 18 digits after the point it is
    /// rounded.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(number) = plain(text.as_bytes()) {
            return Some(number);
        }
        let (text, bracketed) = match text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) {
            Some(inner) => (inner.trim(), true),
            None => (text, false),
        };
        let (text, negative) = match text.strip_prefix(['-', '−', '+']) {
            Some(rest) => (rest, !text.starts_with('+')),
            None => (text, false),
        };
        let text = text.trim_start_matches(['₩', '￦', '$', '€', '£', '¥']).trim_start();
        let text = text.strip_suffix('원').unwrap_or(text).trim_end();
        let text =
            ["KRW", "USD", "EUR"].iter().find_map(|code| text.strip_suffix(code)).unwrap_or(text).trim_end();
        let (text, inner_minus) = match text.strip_prefix('-') {
            Some(rest) if !negative => (rest, true),
            _ => (text, false),
        };
        let (digits, exponent) = match text.find(['e', 'E']) {
            Some(at) => (&text[..at], text[at + 1..].parse::<i32>().ok()?),
            None => (text, 0),
        };
        if digits.starts_with('-') {
            return None;
        }
        let number = plain(ungrouped(digits)?.as_bytes())?.shifted(exponent)?;
        let sign = if negative || inner_minus || bracketed { -1 } else { 1 };
        Some(Self { mantissa: number.mantissa * sign, ..number })
    }

    /// Multiplies by `10^exponent`.
    fn shifted(self, exponent: i32) -> Option<Self> {
        let scale = i32::from(self.scale).checked_sub(exponent)?;
        if scale < 0 {
            let factor = 10i128.checked_pow(u32::try_from(-scale).ok()?)?;
            return Some(Self { mantissa: self.mantissa.checked_mul(factor)?, scale: 0 });
        }
        let (mut mantissa, mut scale) = (self.mantissa, scale.min(200));
        while scale > i32::from(SCALE_MAX) {
            // Only the last step rounds: what stood behind it cannot turn a half into less.
            let carry = if scale == i32::from(SCALE_MAX) + 1 && mantissa % 10 >= 5 { 1 } else { 0 };
            mantissa = mantissa / 10 + carry;
            scale -= 1;
        }
        Some(Self { mantissa, scale: scale as u8 })
    }

    /// The sum, unless it is beyond 38 digits.
    pub(super) fn add(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        let mantissa = self.at_scale(scale)?.checked_add(other.at_scale(scale)?)?;
        Some(Self { mantissa, scale })
    }

    /// The product, unless it is beyond 38 digits.
    pub(super) fn multiply(self, other: Self) -> Option<Self> {
        let mantissa = self.mantissa.checked_mul(other.mantissa)?;
        Some(Self { mantissa, scale: self.scale + other.scale }.trimmed())
    }

    /// The nearest floating-point number.
    pub(super) fn to_f64(self) -> f64 {
        // Parsing rounds correctly, which dividing two rounded numbers would not.
        self.to_string().parse().unwrap_or_default()
    }

    fn at_scale(self, scale: u8) -> Option<i128> {
        self.mantissa.checked_mul(10i128.checked_pow(u32::from(scale - self.scale))?)
    }

    /// The same number with no more digits after the point than it needs, if it has many.
    fn trimmed(mut self) -> Self {
        while self.scale > SCALE_MAX && self.mantissa % 10 == 0 {
            self.mantissa /= 10;
            self.scale -= 1;
        }
        self
    }

    /// Hundredths, rounded half away from zero; `None` beyond 64 bits.
    pub(crate) fn hundredths(self) -> Option<i64> {
        if self.scale <= 2 {
            return i64::try_from(self.at_scale(2)?).ok().filter(|n| *n != i64::MIN);
        }
        let divisor = 10i128.checked_pow(u32::from(self.scale - 2))?;
        let half = if self.mantissa < 0 { -divisor / 2 } else { divisor / 2 };
        i64::try_from(self.mantissa.checked_add(half)? / divisor).ok().filter(|n| *n != i64::MIN)
    }
}

impl fmt::Display for Decimal {
    /// Without trailing zeros, so that equal numbers read equal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { mut mantissa, mut scale } = *self;
        while scale > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            scale -= 1;
        }
        let sign = if mantissa < 0 { "-" } else { "" };
        let digits = format!("{:0>width$}", mantissa.unsigned_abs(), width = usize::from(scale) + 1);
        let (whole, fraction) = digits.split_at(digits.len() - usize::from(scale));
        if fraction.is_empty() { write!(f, "{sign}{whole}") } else { write!(f, "{sign}{whole}.{fraction}") }
    }
}

/// `-123.45` with nothing else in it: nearly every cell.
fn plain(text: &[u8]) -> Option<Decimal> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    let (mut mantissa, mut scale, mut point, mut n_digits) = (0i128, 0u8, false, 0);
    let mut rounded = None;
    for byte in digits {
        match byte {
            b'0'..=b'9' if scale == SCALE_MAX => {
                rounded.get_or_insert(i128::from(*byte >= b'5'));
            }
            b'0'..=b'9' => {
                mantissa = mantissa * 10 + i128::from(byte - b'0');
                scale += u8::from(point);
                n_digits += 1;
            }
            b'.' if !point => point = true,
            _ => return None,
        }
        if n_digits > 30 {
            return None;
        }
    }
    mantissa += rounded.unwrap_or_default();
    (n_digits > 0).then_some(Decimal { mantissa: if negative { -mantissa } else { mantissa }, scale })
}

/// Takes out commas that stand between groups of three digits; `None` when they stand elsewhere.
fn ungrouped(text: &str) -> Option<String> {
    let (whole, fraction) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let mut joined = first.to_owned();
    for group in groups {
        if group.len() != 3 || !(1..=3).contains(&first.len()) {
            return None;
        }
        joined.push_str(group);
    }
    joined.push_str(fraction);
    Some(joined)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn decimal_rules() {
        let hundredths = |text: &str| Decimal::parse(text).and_then(Decimal::hundredths);
        for (text, expected) in [
            ("0", 0),
            ("-0.0", 0),
            ("3.86", 386),
            ("17850.0", 1_785_000),
            (" 12 ", 1_200),
            (".5", 50),
            ("5.", 500),
            ("1,234,567.89", 123_456_789),
            ("₩12,000", 1_200_000),
            ("-₩12,000", -1_200_000),
            ("$-3", -300),
            ("12,000원", 1_200_000),
            ("(3.50)", -350),
            ("1.5e-1", 15),
            ("2E3", 200_000),
            ("0.005", 1), // Half goes away from zero,
            ("-0.005", -1),
            ("0.004999999999999999", 0),       // and not before the half.
            ("4.440892e-16", 0),               // What sums of floating-point numbers leave behind,
            ("0.12345678901234567890123", 12), // and how they are written.
            ("1e-300", 0),
        ] {
            assert_eq!(hundredths(text), Some(expected), "{text}");
        }
        let bad = [
            "",
            "NaN",
            "inf",
            "-",
            ".",
            "1.2.3",
            "12,50",
            "1,23,456",
            "1e999",
            "abc",
            "--3",
            "1e-",
            "e5",
            "9".repeat(31).as_str(),
        ]
        .map(str::to_owned);
        for text in bad {
            assert_eq!(Decimal::parse(&text), None, "{text}");
        }
        assert_eq!(hundredths("99999999999999999999"), None); // Beyond 64 bits.
    }

    proptest! {
        #[test]
        fn sums_and_products_are_exact(a in -10i64.pow(12)..10i64.pow(12), b in -10i64.pow(6)..10i64.pow(6)) {
            let cents = |n: i64| Decimal { mantissa: i128::from(n), scale: 2 };
            let round_trip = Decimal::parse(&cents(a).to_string()).unwrap();
            prop_assert_eq!(round_trip.hundredths(), Some(a));
            prop_assert_eq!(cents(a).add(cents(b)).and_then(Decimal::hundredths), Some(a + b));
            let product = cents(a).multiply(Decimal { mantissa: i128::from(b), scale: 0 });
            prop_assert_eq!(product.and_then(Decimal::hundredths), Some(a * b));
        }
    }
}
