//! One-time sign-in links: printed on the console by `gilmok demo`, good for one click.

use super::session::{new_token, token_hash};
use std::collections::HashMap;
use std::sync::Mutex;

/// A link not followed within this time no longer works.
const LASTS_US: i64 = 24 * 3600 * 1_000_000;

/// Links that were made and not followed yet. Only their hashes are kept, and only in memory.
#[derive(Default)]
pub struct Links(Mutex<HashMap<String, (i64, i64)>>);

impl Links {
    /// Makes a link for an account; the answer is its token.
    pub fn make(&self, user_id: i64, now_us: i64) -> String {
        let token = new_token();
        let mut links = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        links.insert(token_hash(&token), (user_id, now_us + LASTS_US));
        token
    }

    /// The account of a link, once.
    pub fn follow(&self, token: &str, now_us: i64) -> Option<i64> {
        let mut links = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let (user_id, expires_us) = links.remove(&token_hash(token))?;
        (now_us < expires_us).then_some(user_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_works_once_and_in_time() {
        let links = Links::default();
        let (one, late) = (links.make(7, 0), links.make(7, 0));
        assert_eq!(links.follow("no token", 1), None);
        assert_eq!(links.follow(&one, 1), Some(7));
        assert_eq!(links.follow(&one, 2), None);
        assert_eq!(links.follow(&late, LASTS_US), None);
    }
}
