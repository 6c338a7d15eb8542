//! A file's bytes: opened, counted for the progress bar, and decompressed by its first bytes.

use super::{Progress, problems};
use model::Problem;
use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::Path,
};

/// How a file is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    /// Not at all.
    None,
    /// gzip, one member or several.
    Gzip,
    /// Zstandard.
    Zstd,
}

/// The magic bytes of what can be read only after a conversion, with its name.
const FOREIGN: [(&[u8], &str); 5] = [
    (b"PK\x03\x04", "Excel/ZIP"),
    (b"\xD0\xCF\x11\xE0", "Excel 97"),
    (b"BZh", "bzip2"),
    (b"\xFD7zXZ\0", "xz"),
    (b"7z\xBC\xAF\x27\x1C", "7-Zip"),
];

/// Counts the bytes taken from the disk, compressed as they lie there.
struct Counted {
    file: File,
    progress: Progress,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n_bytes = self.file.read(buffer)?;
        self.progress.add_bytes(n_bytes as u64);
        Ok(n_bytes)
    }
}

/// A file's decompressed bytes.
pub(super) type Bytes = Box<dyn Read + Send>;

/// Opens a file and decompresses it as its first bytes say. A truncated stream ends in an `io::Error`.
pub(super) fn open(path: &Path, name: &str, progress: &Progress) -> Result<(Bytes, Compression), Problem> {
    let unreadable = |error: io::Error| problems::unreadable_file(name, &error);
    let mut file = File::open(path).map_err(unreadable)?;
    let mut magic = [0u8; 8];
    let n_magic = read_up_to(&mut file, &mut magic).map_err(unreadable)?;
    let magic = &magic[..n_magic];
    if let Some((_, kind)) = FOREIGN.iter().find(|(start, _)| magic.starts_with(start)) {
        return Err(problems::foreign_format(name, kind));
    }
    io::Seek::rewind(&mut file).map_err(unreadable)?;
    let counted = Counted { file, progress: progress.clone() };
    let buffered = BufReader::with_capacity(256 << 10, counted);
    Ok(match magic {
        [0x1F, 0x8B, ..] => (Box::new(flate2::bufread::MultiGzDecoder::new(buffered)), Compression::Gzip),
        [0x28, 0xB5, 0x2F, 0xFD, ..] => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(buffered).map_err(unreadable)?;
            // Frames made with `--long=31` may ask for 2 GiB; 128 MiB is what `zstd -d` grants by itself.
            decoder.window_log_max(27).map_err(unreadable)?;
            (Box::new(decoder), Compression::Zstd)
        }
        _ => (Box::new(buffered), Compression::None),
    })
}

/// Fills as much of `buffer` as the reader has; less only at its end.
pub(super) fn read_up_to(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(n_bytes) => filled += n_bytes,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// BLAKE3 of a file's bytes as they lie on the disk, hexadecimal.
pub(super) fn hash(path: &Path, name: &str) -> Result<(String, u64), Problem> {
    let unreadable = |error: io::Error| problems::unreadable_file(name, &error);
    let mut file = File::open(path).map_err(unreadable)?;
    let mut hasher = blake3::Hasher::new();
    let mut block = vec![0u8; 256 << 10];
    let mut size_bytes = 0;
    loop {
        let n_bytes = read_up_to(&mut file, &mut block).map_err(unreadable)?;
        hasher.update(&block[..n_bytes]);
        size_bytes += n_bytes as u64;
        if n_bytes < block.len() {
            return Ok((hasher.finalize().to_hex().to_string(), size_bytes));
        }
    }
}
