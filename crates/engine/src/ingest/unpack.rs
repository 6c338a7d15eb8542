//! Compressed request bodies, unpacked within a limit: a bomb costs the limit and a window, whatever it claims.

use std::io::Read;

/// How a body is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// Not at all.
    Plain,
    /// `gzip`.
    Gzip,
    /// `br`.
    Brotli,
    /// `zstd`.
    Zstd,
}

/// Why a body could not be unpacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unpackable {
    /// It is larger than the limit.
    TooLarge,
    /// It is not compressed as it says, or broken off.
    Broken,
}

/// Largest window of a zstd frame, as a power of two: 8 MiB, what every decoder is asked to support.
const ZSTD_WINDOW_LOG_MAX: u32 = 23;

impl Packing {
    /// By the `Content-Encoding` header; `None` if it names another.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Some(match name.trim().to_ascii_lowercase().as_str() {
            "" | "identity" => Self::Plain,
            "gzip" | "x-gzip" => Self::Gzip,
            "br" => Self::Brotli,
            "zstd" => Self::Zstd,
            _ => return None,
        })
    }

    /// Unpacks a body of at most `limit` bytes. Memory: the limit, and a window of at most 16 MiB.
    pub fn unpack(self, packed: Vec<u8>, limit: usize) -> Result<Vec<u8>, Unpackable> {
        match self {
            Self::Plain if packed.len() > limit => Err(Unpackable::TooLarge),
            Self::Plain => Ok(packed),
            Self::Gzip => {
                let reader = flate2::bufread::MultiGzDecoder::new(&packed[..]);
                read(reader, packed.len(), limit)
            }
            Self::Brotli => {
                // Windows beyond 16 MiB are an extension, told by the first byte; nobody sends them.
                if packed.first().is_none_or(|first| first & 0x7F == 0x11) {
                    return Err(Unpackable::Broken);
                }
                read(brotli_decompressor::Decompressor::new(&packed[..], 16 << 10), packed.len(), limit)
            }
            Self::Zstd => {
                let mut reader = zstd::Decoder::with_buffer(&packed[..]).map_err(|_| Unpackable::Broken)?;
                reader.window_log_max(ZSTD_WINDOW_LOG_MAX).map_err(|_| Unpackable::Broken)?;
                read(reader, packed.len(), limit)
            }
        }
    }
}

fn read(reader: impl Read, n_packed: usize, limit: usize) -> Result<Vec<u8>, Unpackable> {
    // Grown once at most, so that an old and a new buffer never stand side by side at their full size.
    let first = n_packed.saturating_mul(8).saturating_add(64 << 10).min(limit + 1);
    let mut body = Vec::with_capacity(first);
    let mut reader = reader.take(limit as u64 + 1);
    fill(&mut reader, &mut body, first)?;
    if body.len() == first && first <= limit {
        body.reserve_exact(limit + 1 - first);
        fill(&mut reader, &mut body, limit + 1)?;
    }
    if body.len() > limit { Err(Unpackable::TooLarge) } else { Ok(body) }
}

/// Reads until `n_bytes` are there or nothing comes any more.
fn fill(reader: &mut impl Read, body: &mut Vec<u8>, n_bytes: usize) -> Result<(), Unpackable> {
    let mut block = [0; 16 << 10];
    while body.len() < n_bytes {
        let room = block.len().min(n_bytes - body.len());
        match reader.read(&mut block[..room]) {
            Ok(0) => return Ok(()),
            Ok(n_read) => body.extend_from_slice(&block[..n_read]),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return Err(Unpackable::Broken),
        }
    }
    Ok(())
}
