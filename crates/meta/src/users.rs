//! Accounts and sessions. Passwords and tokens arrive hashed; nothing here can undo that.

use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::{Meta, MetaError, Result};

/// What an account may do; each role may do what the next one may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything, accounts included.
    Owner,
    /// Write documents, import.
    Editor,
    /// Read.
    Viewer,
}

impl Role {
    /// The word stored and sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Editor => "editor",
            Self::Viewer => "viewer",
        }
    }

    fn parse(word: &str) -> Result<Self> {
        match word {
            "owner" => Ok(Self::Owner),
            "editor" => Ok(Self::Editor),
            "viewer" => Ok(Self::Viewer),
            _ => Err(MetaError::Unreadable { what: "role", found: word.to_owned() }),
        }
    }
}

/// An account to make.
#[derive(Clone, Copy, Debug)]
pub struct NewUser<'a> {
    /// Name to log in with, compared without case.
    pub login: &'a str,
    /// Name to show.
    pub name: &'a str,
    /// What it may do.
    pub role: Role,
    /// Argon2 hash string.
    pub password_hash: &'a str,
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Id.
    pub id: i64,
    /// Name to log in with.
    pub login: String,
    /// Name to show.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Argon2 hash string.
    pub password_hash: String,
    /// A disabled account cannot log in and its sessions do not count.
    pub disabled: bool,
    /// When it was made, microseconds UTC.
    pub created_us: i64,
}

fn read(row: &SqliteRow) -> Result<User> {
    let role: String = row.try_get("role")?;
    Ok(User {
        id: row.try_get("id")?,
        login: row.try_get("login")?,
        name: row.try_get("name")?,
        role: Role::parse(&role)?,
        password_hash: row.try_get("password_hash")?,
        disabled: row.try_get("disabled")?,
        created_us: row.try_get("created_us")?,
    })
}

impl Meta {
    /// Makes an account. Errors: [`MetaError::Exists`] if the login is taken.
    pub async fn create_user(&self, user: NewUser<'_>, now_us: i64) -> Result<User> {
        self.insert_user(user, now_us, false).await
    }

    /// Makes the first account, an owner, if there is none at all; two racing callers get one winner.
    ///
    /// Errors: [`MetaError::Exists`] if there is an account already.
    pub async fn create_first_owner(&self, user: NewUser<'_>, now_us: i64) -> Result<User> {
        self.insert_user(NewUser { role: Role::Owner, ..user }, now_us, true).await
    }

    async fn insert_user(&self, user: NewUser<'_>, now_us: i64, only_first: bool) -> Result<User> {
        let mut tx = self.begin_write().await?;
        let n_users: i64 = sqlx::query_scalar("SELECT count(*) FROM users").fetch_one(&mut *tx).await?;
        if only_first && n_users > 0 {
            return Err(MetaError::Exists("an account".to_owned()));
        }
        let inserted = sqlx::query(
            "INSERT INTO users (login, name, role, password_hash, created_us) VALUES (?, ?, ?, ?, ?)
             RETURNING id, login, name, role, password_hash, disabled, created_us",
        )
        .bind(user.login)
        .bind(user.name)
        .bind(user.role.as_str())
        .bind(user.password_hash)
        .bind(now_us)
        .fetch_one(&mut *tx)
        .await;
        let row = match inserted {
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => {
                return Err(MetaError::Exists(format!("the account {}", user.login)));
            }
            other => other?,
        };
        tx.commit().await?;
        read(&row)
    }

    /// All accounts, ordered by login.
    pub async fn users(&self) -> Result<Vec<User>> {
        let rows = sqlx::query(
            "SELECT id, login, name, role, password_hash, disabled, created_us FROM users ORDER BY login",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(read).collect()
    }

    /// The account of a login, disabled or not.
    pub async fn user_by_login(&self, login: &str) -> Result<Option<User>> {
        let row = sqlx::query(
            "SELECT id, login, name, role, password_hash, disabled, created_us FROM users WHERE login = ?",
        )
        .bind(login)
        .fetch_optional(&self.pool)
        .await?;
        row.as_ref().map(read).transpose()
    }

    /// Replaces the password hash and ends all sessions of the account.
    pub async fn set_password(&self, user_id: i64, password_hash: &str) -> Result<()> {
        let mut tx = self.begin_write().await?;
        let done = sqlx::query("UPDATE users SET password_hash = ? WHERE id = ?")
            .bind(password_hash)
            .bind(user_id)
            .execute(&mut *tx)
            .await?;
        if done.rows_affected() == 0 {
            return Err(MetaError::NotFound(format!("account {user_id}")));
        }
        sqlx::query("DELETE FROM sessions WHERE user_id = ?").bind(user_id).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Switches an account off or on; off also ends its sessions.
    pub async fn set_user_disabled(&self, user_id: i64, disabled: bool) -> Result<()> {
        let mut tx = self.begin_write().await?;
        let done = sqlx::query("UPDATE users SET disabled = ? WHERE id = ?")
            .bind(disabled)
            .bind(user_id)
            .execute(&mut *tx)
            .await?;
        if done.rows_affected() == 0 {
            return Err(MetaError::NotFound(format!("account {user_id}")));
        }
        if disabled {
            sqlx::query("DELETE FROM sessions WHERE user_id = ?").bind(user_id).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Starts a session and forgets those that have expired.
    pub async fn create_session(
        &self,
        token_hash: &str,
        user_id: i64,
        expires_us: i64,
        now_us: i64,
    ) -> Result<()> {
        let mut tx = self.begin_write().await?;
        sqlx::query("DELETE FROM sessions WHERE expires_us <= ?").bind(now_us).execute(&mut *tx).await?;
        sqlx::query("INSERT INTO sessions (token_hash, user_id, created_us, expires_us) VALUES (?, ?, ?, ?)")
            .bind(token_hash)
            .bind(user_id)
            .bind(now_us)
            .bind(expires_us)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// The account behind a session that has not expired and whose account is not disabled.
    pub async fn session_user(&self, token_hash: &str, now_us: i64) -> Result<Option<User>> {
        let row = sqlx::query(
            "SELECT u.id, u.login, u.name, u.role, u.password_hash, u.disabled, u.created_us
             FROM sessions AS s JOIN users AS u ON u.id = s.user_id
             WHERE s.token_hash = ? AND s.expires_us > ? AND u.disabled = 0",
        )
        .bind(token_hash)
        .bind(now_us)
        .fetch_optional(&self.pool)
        .await?;
        row.as_ref().map(read).transpose()
    }

    /// Ends a session; ending one that does not exist is fine.
    pub async fn delete_session(&self, token_hash: &str) -> Result<()> {
        let mut tx = self.begin_write().await?;
        sqlx::query("DELETE FROM sessions WHERE token_hash = ?").bind(token_hash).execute(&mut *tx).await?;
        tx.commit().await
    }
}
