//! Looking for bytes in a file as it may be uploaded: plain or compressed, never a guess.

use super::{Progress, input};
use std::path::Path;

const BLOCK_BYTES: usize = 1 << 20;

/// Whether some block of the file's decompressed content passes a test; blocks overlap by `overlap` bytes.
/// `None` where the content cannot be seen: Parquet, archives, a broken stream.
pub(crate) fn has(path: &Path, overlap: usize, test: impl Fn(&[u8]) -> bool) -> Option<bool> {
    let (mut bytes, _) = input::open(path, "", &Progress::default()).ok()?;
    let mut block = vec![0; BLOCK_BYTES + overlap];
    let mut kept = 0;
    let mut is_first = true;
    loop {
        let n_bytes = input::read_up_to(&mut bytes, &mut block[kept..]).ok()?;
        let filled = kept + n_bytes;
        if is_first && block[..filled].starts_with(b"PAR1") {
            return None;
        }
        if test(&block[..filled]) {
            return Some(true);
        }
        if n_bytes == 0 {
            return Some(false);
        }
        is_first = false;
        kept = overlap.min(filled);
        block.copy_within(filled - kept..filled, 0);
    }
}
