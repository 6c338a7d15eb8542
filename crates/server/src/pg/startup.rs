//! Signing in on the wire: with an account's e-mail address and password.

use crate::app::{App, meta_failure};
use crate::auth::password;
use crate::failure::Failure;
use async_trait::async_trait;
use futures::{Sink, SinkExt};
use pgwire::api::auth::{
    DefaultServerParameterProvider, StartupHandler, finish_authentication, protocol_negotiation,
    save_startup_parameters_to_metadata,
};
use pgwire::api::{
    ClientInfo, ConnectionManager, METADATA_USER, PgWireConnectionState, PidSecretKeyGenerator,
    RandomPidSecretKeyGenerator,
};
use pgwire::error::{ErrorInfo, PgWireError, PgWireResult};
use pgwire::messages::startup::Authentication;
use pgwire::messages::{PgWireBackendMessage, PgWireFrontendMessage};
use std::fmt::Debug;
use std::net::IpAddr;
use std::sync::Arc;

/// Checks who connects.
pub(super) struct Startup {
    app: App,
    connections: Arc<ConnectionManager>,
    keys: RandomPidSecretKeyGenerator,
    parameters: DefaultServerParameterProvider,
}

impl Startup {
    pub fn new(app: App, connections: Arc<ConnectionManager>) -> Self {
        let mut parameters = DefaultServerParameterProvider::default();
        parameters.server_version = "16.6".to_owned();
        parameters.is_superuser = false;
        parameters.default_transaction_read_only = true;
        parameters.time_zone = "UTC".to_owned();
        Self { app, connections, keys: RandomPidSecretKeyGenerator::default(), parameters }
    }

    /// Wrong tries wait longer and longer, counted together with those on the web.
    async fn check(&self, address: IpAddr, email: &str, given: &str) -> PgWireResult<()> {
        let now_us = self.app.engine.clock.now_us();
        if let Some(seconds) = self.app.guesses.wait_s(address, email, now_us) {
            let text = format!("too many wrong tries: wait {seconds} s");
            return Err(refuse("28000", &text));
        }
        self.app.guesses.begin(address, email, now_us);
        let failed = |failure: Failure| refuse("58000", &failure.text(model::Lang::En));
        let user = self.app.engine.meta.user_by_login(email).await.map_err(meta_failure).map_err(failed)?;
        let stored = user.as_ref().map(|user| user.password_hash.as_str());
        let fits = given.len() <= 4 * password::CHARS_MAX
            && self.app.passwords.verify(given, stored).await.map_err(failed)?;
        // An account that is switched off answers like one that does not exist.
        if !fits || user.is_none_or(|user| user.disabled) {
            tracing::warn!(%address, "a wrong try at signing in by the PostgreSQL wire");
            return Err(refuse("28P01", "the e-mail address or the password is wrong"));
        }
        self.app.guesses.right(address, email);
        Ok(())
    }
}

fn refuse(code: &str, text: &str) -> PgWireError {
    let info = ErrorInfo::new("FATAL".to_owned(), code.to_owned(), text.to_owned());
    PgWireError::UserError(Box::new(info))
}

#[async_trait]
impl StartupHandler for Startup {
    async fn on_startup<C>(&self, client: &mut C, message: PgWireFrontendMessage) -> PgWireResult<()>
    where
        C: ClientInfo + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        match message {
            PgWireFrontendMessage::Startup(ref startup) => {
                protocol_negotiation(client, startup).await?;
                save_startup_parameters_to_metadata(client, startup);
                client.set_state(PgWireConnectionState::AuthenticationInProgress);
                let ask = Authentication::CleartextPassword;
                client.send(PgWireBackendMessage::Authentication(ask)).await?;
            }
            PgWireFrontendMessage::PasswordMessageFamily(given) => {
                let given = given.into_password()?.password;
                let email = client.metadata().get(METADATA_USER).cloned().unwrap_or_default();
                self.check(client.socket_addr().ip(), email.trim(), &given).await?;
                let (pid, key) = self.keys.generate(&*client);
                client.set_pid_and_secret_key(pid, key.clone());
                // By pid and key another connection may cancel what runs here; forgotten when this one closes.
                let (handle, guard) = self.connections.register(pid, key);
                client.session_extensions().insert(handle);
                client.session_extensions().insert(guard);
                finish_authentication(client, &self.parameters).await?;
            }
            _ => {}
        }
        Ok(())
    }
}
