//! Passwords: Argon2id with the parameters OWASP asks for (19 MiB, 2 passes, 1 lane).
//!
//! Hashing takes tens of milliseconds and 19 MiB, so it runs off the async threads and only a few at a time:
//! ten thousand sign-ins at once wait in line instead of exhausting memory.

use crate::failure::{Class, Failure, Result};
use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString, rand_core::OsRng};
use std::sync::{Arc, OnceLock};
use tokio::sync::Semaphore;

/// Fewest characters: long beats clever (NIST SP 800-63B).
pub const CHARS_MIN: usize = 10;
/// Most characters: beyond this the work of hashing serves nobody.
pub const CHARS_MAX: usize = 200;
/// Hashes at work at once.
const AT_ONCE: usize = 2;

/// Hashes and checks passwords. Clones share the line.
#[derive(Clone)]
pub struct Passwords {
    line: Arc<Semaphore>,
    /// A hash of nothing known, checked when there is no account: both cases take the same time.
    decoy: Arc<OnceLock<String>>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { line: Arc::new(Semaphore::new(AT_ONCE)), decoy: Arc::new(OnceLock::new()) }
    }
}

impl Passwords {
    /// The hash to store.
    pub async fn hash(&self, password: &str) -> Result<String> {
        let password = password.to_owned();
        self.off_thread(move || hash(&password)).await?
    }

    /// Whether `password` is the one behind `stored`; without an account the same work is done in vain.
    pub async fn verify(&self, password: &str, stored: Option<&str>) -> Result<bool> {
        let (password, stored, decoy) = (password.to_owned(), stored.map(str::to_owned), self.decoy.clone());
        self.off_thread(move || {
            let known = stored.is_some();
            let stored = match stored {
                Some(stored) => stored,
                None => match decoy.get() {
                    Some(decoy) => decoy.clone(),
                    None => decoy.get_or_init(|| hash("no account has this").unwrap_or_default()).clone(),
                },
            };
            let parsed = PasswordHash::new(&stored).map_err(Failure::internal)?;
            let fits = Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok();
            Ok(fits && known)
        })
        .await?
    }

    async fn off_thread<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let _place = self.line.acquire().await.map_err(Failure::internal)?;
        tokio::task::spawn_blocking(work).await.map_err(Failure::internal)
    }
}

fn hash(password: &str) -> Result<String> {
    let salt = SaltString::generate(&mut OsRng);
    let hash = Argon2::default().hash_password(password.as_bytes(), &salt).map_err(Failure::internal)?;
    Ok(hash.to_string())
}

/// Refuses passwords that would be guessed first: short ones, one repeated character, the e-mail address itself,
/// and runs along the keyboard.
pub fn check(password: &str, email: &str) -> Result<()> {
    let n_chars = password.chars().count();
    if !(CHARS_MIN..=CHARS_MAX).contains(&n_chars) {
        return Err(refuse((
            format!("비밀번호가 {n_chars}자입니다."),
            format!("The password has {n_chars} characters."),
        )));
    }
    let lower = password.to_lowercase();
    let first = lower.chars().next();
    let account = email.split('@').next().unwrap_or_default().to_lowercase();
    let guessed_first = lower.chars().all(|c| Some(c) == first)
        || lower == email.to_lowercase()
        || (account.len() > 3 && lower.trim_matches(|c: char| c.is_ascii_digit() || c == '!') == account)
        || ["1234567890", "0123456789", "qwertyuiop", "password", "비밀번호"].iter().any(|run| {
            lower.strip_prefix(run).is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit() || c == '!'))
        });
    if guessed_first {
        return Err(refuse((
            "이 비밀번호는 가장 먼저 추측되는 것 가운데 하나입니다.".to_owned(),
            "This password is among the first to be guessed.".to_owned(),
        )));
    }
    Ok(())
}

fn refuse(message: (String, String)) -> Failure {
    Failure::say(
        Class::Invalid,
        "account.weak_password",
        message,
        (
            format!("{CHARS_MIN}자에서 {CHARS_MAX}자 사이의, 남이 떠올리지 못할 문장을 쓰세요."),
            format!(
                "Use {CHARS_MIN} to {CHARS_MAX} characters that nobody else would think of, such as a sentence."
            ),
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn password_rules() {
        for good in ["correct horse battery", "바다가 보이는 언덕 위", "x7!kd02mzq"] {
            assert!(check(good, "min@gilmok.kr").is_ok(), "{good}");
        }
        let long = "x7".repeat(101);
        for bad in
            ["", "short", "aaaaaaaaaaaa", "1234567890", "qwertyuiop1", "password123!", "min@gilmok.kr", &long]
        {
            assert!(check(bad, "min@gilmok.kr").is_err(), "{bad}");
        }
        assert!(check("gildong2026", "gildong@gilmok.kr").is_err());
    }

    #[tokio::test]
    async fn hashes_verify_and_differ() {
        let passwords = Passwords::default();
        let (one, two) = (
            passwords.hash("a long enough one").await.unwrap(),
            passwords.hash("a long enough one").await.unwrap(),
        );
        assert_ne!(one, two); // Salted.
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert!(passwords.verify("a long enough one", Some(&one)).await.unwrap());
        assert!(!passwords.verify("a long enough two", Some(&one)).await.unwrap());
        assert!(!passwords.verify("no account has this", None).await.unwrap()); // Not even the decoy's own.
    }
}
