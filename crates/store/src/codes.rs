//! Codes of texts, one per row, in the fewest bytes that tell them apart: most columns have few texts, and what is kept
//! in memory is mostly codes.

use crate::NO_CODE;

/// One code per row. Reads as `u32` in any width; the greatest of each width stands for [`NO_CODE`].
#[derive(Clone, Debug)]
pub enum Codes {
    /// Of up to 255 texts.
    U8(Vec<u8>),
    /// Of up to 65,535 texts.
    U16(Vec<u16>),
    /// Of any number.
    U32(Vec<u32>),
}

impl Codes {
    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::U8(codes) => codes.len(),
            Self::U16(codes) => codes.len(),
            Self::U32(codes) => codes.len(),
        }
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The code of a row, or [`NO_CODE`].
    #[must_use]
    #[inline]
    pub fn get(&self, row: usize) -> u32 {
        match self {
            Self::U8(codes) => wide8(codes[row]),
            Self::U16(codes) => wide16(codes[row]),
            Self::U32(codes) => codes[row],
        }
    }

    /// The codes of some rows. The width is looked at once.
    pub fn at(&self, rows: impl Iterator<Item = usize>) -> Vec<u32> {
        match self {
            Self::U8(codes) => rows.map(|row| wide8(codes[row])).collect(),
            Self::U16(codes) => rows.map(|row| wide16(codes[row])).collect(),
            Self::U32(codes) => rows.map(|row| codes[row]).collect(),
        }
    }

    /// All codes in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = u32> + '_ {
        (0..self.len()).map(|row| self.get(row))
    }

    /// The same in as few bytes as `n_values` texts need.
    pub(crate) fn narrowed(self, n_values: usize) -> Self {
        let Self::U32(codes) = self else { return self };
        if n_values <= usize::from(u8::MAX) {
            // `NO_CODE` is all ones, and so is what is left of it.
            Self::U8(codes.into_iter().map(|code| code as u8).collect())
        } else if n_values <= usize::from(u16::MAX) {
            Self::U16(codes.into_iter().map(|code| code as u16).collect())
        } else {
            Self::U32(codes)
        }
    }

    /// Appends rows, in as few bytes as `n_values` texts need. What is there stays as narrow as it was given: begin with
    /// [`Codes::narrow`].
    pub(crate) fn extend(&mut self, codes: impl Iterator<Item = u32>, n_values: usize) {
        let fits = match self {
            Self::U8(_) => usize::from(u8::MAX),
            Self::U16(_) => usize::from(u16::MAX),
            Self::U32(_) => usize::MAX,
        };
        if n_values > fits {
            let spare = codes.size_hint().0;
            let mut wide = std::mem::take(self).into_wide();
            wide.reserve(spare);
            *self = Self::U32(wide).narrowed(n_values);
        }
        match self {
            Self::U8(own) => own.extend(codes.map(|code| code as u8)),
            Self::U16(own) => own.extend(codes.map(|code| code as u16)),
            Self::U32(own) => own.extend(codes),
        }
    }

    /// No rows yet, and room for so many in one byte each.
    pub(crate) fn narrow(n_rows: usize) -> Self {
        Self::U8(Vec::with_capacity(n_rows))
    }

    /// As `u32` each.
    pub(crate) fn into_wide(self) -> Vec<u32> {
        match self {
            Self::U32(codes) => codes,
            narrow => narrow.iter().collect(),
        }
    }

    /// Appends a row.
    pub(crate) fn push(&mut self, code: u32) {
        if !matches!(self, Self::U32(_)) {
            *self = Self::U32(std::mem::take(self).into_wide());
        }
        if let Self::U32(codes) = self {
            codes.push(code);
        }
    }

    pub(crate) fn size_bytes(&self) -> usize {
        match self {
            Self::U8(codes) => codes.len(),
            Self::U16(codes) => codes.len() * 2,
            Self::U32(codes) => codes.len() * 4,
        }
    }
}

#[inline]
fn wide8(code: u8) -> u32 {
    if code == u8::MAX { NO_CODE } else { u32::from(code) }
}

#[inline]
fn wide16(code: u16) -> u32 {
    if code == u16::MAX { NO_CODE } else { u32::from(code) }
}

impl Default for Codes {
    fn default() -> Self {
        Self::U32(Vec::new())
    }
}

impl From<Vec<u32>> for Codes {
    fn from(codes: Vec<u32>) -> Self {
        Self::U32(codes)
    }
}

impl FromIterator<u32> for Codes {
    fn from_iter<I: IntoIterator<Item = u32>>(codes: I) -> Self {
        Self::U32(codes.into_iter().collect())
    }
}

/// Equal codes, whatever they take.
impl PartialEq for Codes {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Codes {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_widen_as_texts_become_more() {
        let mut codes = Codes::narrow(2);
        let mut wanted = Vec::new();
        for (own, n_values, size_bytes) in [
            ([0, NO_CODE], 1, 2),
            ([254, 0], 255, 4),
            ([255, NO_CODE], 256, 12),
            ([65_534, 1], 65_535, 16),
            ([65_535, NO_CODE], 65_536, 40),
        ] {
            codes.extend(own.into_iter(), n_values);
            wanted.extend(own);
            assert_eq!(
                (codes.size_bytes(), codes.clone().into_wide()),
                (size_bytes, wanted.clone()),
                "{n_values}"
            );
        }
    }

    #[test]
    fn any_width_reads_the_same() {
        for (n_values, size_bytes) in [(0, 5), (255, 5), (256, 10), (65_535, 10), (65_536, 20)] {
            let last = n_values as u32;
            let codes: Vec<u32> = [0, 1, last / 2, last.saturating_sub(1), NO_CODE]
                .map(|code| if code == NO_CODE || code < last { code } else { NO_CODE })
                .to_vec();
            let wide = Codes::from(codes.clone());
            let mut narrow = wide.clone().narrowed(n_values);
            assert_eq!((narrow.len(), narrow.size_bytes()), (5, size_bytes), "{n_values}");
            assert_eq!((narrow.clone(), narrow.clone().into_wide()), (wide, codes.clone()));
            assert_eq!(narrow.at([4, 1].into_iter()), [codes[4], codes[1]]);
            narrow.push(7);
            assert_eq!((narrow.get(3), narrow.get(5)), (codes[3], 7));
        }
    }
}
