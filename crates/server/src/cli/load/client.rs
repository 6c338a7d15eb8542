//! One HTTP/1.1 connection that sends batches: as little as that takes, so that the server is what is measured.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::io::{Error, ErrorKind, Result};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// Longest answer that is read.
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// A connection that is opened when it is needed, and again after it broke.
pub struct Connection {
    authority: String,
    authorization: String,
    stream: Option<BufReader<TcpStream>>,
}

/// What a server answered.
pub enum Reply {
    /// 200.
    Taken {
        /// Events accepted.
        n_accepted: u64,
        /// Events rejected.
        n_rejected: u64,
    },
    /// 429 or 503.
    Wait {
        /// Which of the two.
        status: u16,
        /// `Retry-After`.
        seconds: u64,
    },
    /// Anything else.
    Refused {
        /// The status.
        status: u16,
        /// What the server said.
        body: String,
    },
}

impl Connection {
    /// A connection to `host:port` with a write key.
    pub fn new(authority: &str, key: &str) -> Self {
        let authorization = format!("Basic {}", STANDARD.encode(format!("{key}:")));
        Self { authority: authority.to_owned(), authorization, stream: None }
    }

    /// Sends a batch and reads the answer. After an error the next batch opens a new connection.
    pub async fn send(&mut self, body: &[u8]) -> Result<Reply> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => {
                let stream = TcpStream::connect(&self.authority).await?;
                stream.set_nodelay(true)?;
                BufReader::new(stream)
            }
        };
        let mut request = format!(
            "POST /v1/batch HTTP/1.1\r\nHost: {}\r\nAuthorization: {}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n",
            self.authority,
            self.authorization,
            body.len()
        )
        .into_bytes();
        request.extend_from_slice(body);
        stream.get_mut().write_all(&request).await?;
        let reply = read(&mut stream).await?;
        self.stream = Some(stream);
        Ok(reply)
    }
}

async fn read(stream: &mut BufReader<TcpStream>) -> Result<Reply> {
    let bad = |what: &str| Error::new(ErrorKind::InvalidData, what.to_owned());
    let mut line = String::new();
    if stream.read_line(&mut line).await? == 0 {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status: u16 = status.ok_or_else(|| bad("no status line"))?;
    let (mut n_bytes, mut seconds) = (0, 1);
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => n_bytes = value.trim().parse().map_err(|_| bad("no length"))?,
            "retry-after" => seconds = value.trim().parse().unwrap_or(1),
            _ => {}
        }
    }
    if n_bytes > ANSWER_BYTES_MAX {
        return Err(bad("an endless answer"));
    }
    let mut body = vec![0; n_bytes];
    stream.read_exact(&mut body).await?;
    Ok(match status {
        200 => {
            let answer: serde_json::Value = serde_json::from_slice(&body)?;
            let count = |key: &str| answer[key].as_u64().ok_or_else(|| bad("no receipt"));
            Reply::Taken { n_accepted: count("accepted")?, n_rejected: count("rejected")? }
        }
        429 | 503 => Reply::Wait { status, seconds },
        _ => Reply::Refused { status, body: String::from_utf8_lossy(&body).into_owned() },
    })
}
