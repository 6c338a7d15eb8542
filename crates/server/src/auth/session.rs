//! Session tokens and their cookie.

use crate::system;
use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Name of the session cookie over plain HTTP; over https `__Host-` stands before it.
pub const COOKIE: &str = "gilmok_session";
/// How long a session lasts.
pub const LASTS_S: i64 = 30 * 24 * 3600;

/// 256 random bits nobody can guess, as text for a cookie or a link.
pub fn new_token() -> String {
    URL_SAFE_NO_PAD.encode(system::random_bytes::<32>())
}

/// What is stored of a token: whoever reads the database cannot sign in with it.
pub fn token_hash(token: &str) -> String {
    blake3::hash(token.as_bytes()).to_hex().to_string()
}

fn name(secure: bool) -> String {
    if secure { format!("__Host-{COOKIE}") } else { COOKIE.to_owned() }
}

/// The header that sets the cookie.
pub fn set_cookie(token: &str, secure: bool) -> HeaderValue {
    let rest = if secure { "; Secure" } else { "" };
    let text = format!("{}={token}; Path=/; Max-Age={LASTS_S}; HttpOnly; SameSite=Lax{rest}", name(secure));
    HeaderValue::from_str(&text).expect("a token is URL-safe Base64")
}

/// The header that takes it away.
pub fn clear_cookie(secure: bool) -> HeaderValue {
    let rest = if secure { "; Secure" } else { "" };
    let text = format!("{}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax{rest}", name(secure));
    HeaderValue::from_str(&text).expect("a name is ASCII")
}

/// The token a request brings, if it could be one of ours.
pub fn token_of(headers: &HeaderMap, secure: bool) -> Option<&str> {
    let name = name(secure);
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, value)| *key == name && value.len() == 43).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_come_back() {
        let token = new_token();
        assert_eq!(token.len(), 43);
        assert_ne!(token, new_token());
        for secure in [false, true] {
            let set = set_cookie(&token, secure);
            let pair = set.to_str().unwrap().split(';').next().unwrap();
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, HeaderValue::from_str(&format!("theme=dark; {pair}")).unwrap());
            assert_eq!(token_of(&headers, secure), Some(token.as_str()));
            assert_eq!(token_of(&headers, !secure), None); // A cookie set over http is no cookie of https.
        }
    }
}
