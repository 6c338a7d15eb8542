//! The PostgreSQL wire: psql, pandas, Metabase and Grafana read the tables of SQL as if this were PostgreSQL.
//!
//! Accounts sign in with e-mail address and password, as on the web; wrong tries slow down in the same way. The
//! connection is not encrypted, so that it is for this machine, a private network or a tunnel.

mod handler;
mod startup;

use crate::app::App;
use crate::failure::{Failure, Result};
use engine::sql::Wire;
use handler::Handler;
use pgwire::api::cancel::{CancelHandler, DefaultCancelHandler};
use pgwire::api::query::{ExtendedQueryHandler, SimpleQueryHandler};
use pgwire::api::{ConnectionManager, PgWireServerHandlers};
use startup::Startup;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Connections at once; further ones wait in the kernel's queue.
const CONNECTIONS_MAX: usize = 64;
/// What `version()` says. The number is that of the PostgreSQL whose catalogue is imitated.
const VERSION: &str = concat!("PostgreSQL 16.6 (Gilmok ", env!("CARGO_PKG_VERSION"), ")");

struct Handlers {
    startup: Arc<Startup>,
    queries: Arc<Handler>,
    cancel: Arc<DefaultCancelHandler>,
}

impl PgWireServerHandlers for Handlers {
    fn simple_query_handler(&self) -> Arc<impl SimpleQueryHandler> {
        self.queries.clone()
    }

    fn extended_query_handler(&self) -> Arc<impl ExtendedQueryHandler> {
        self.queries.clone()
    }

    fn startup_handler(&self) -> Arc<impl pgwire::api::auth::StartupHandler> {
        self.startup.clone()
    }

    fn cancel_handler(&self) -> Arc<impl CancelHandler> {
        self.cancel.clone()
    }
}

/// Serves connections until `stop` is done; then they are cut.
///
/// Errors: the catalogue cannot be made.
pub async fn serve(listener: TcpListener, app: App, stop: impl Future<Output = ()>) -> Result<()> {
    let wire = Arc::new(Wire::new(&app.engine, VERSION)?);
    let connections = Arc::new(ConnectionManager::new());
    let handlers = Arc::new(Handlers {
        startup: Arc::new(Startup::new(app.clone(), connections.clone())),
        queries: Arc::new(Handler::new(app, wire)),
        cancel: Arc::new(DefaultCancelHandler::new(connections)),
    });
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut open = JoinSet::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let place = places.clone().acquire_owned();
        let accepted = tokio::select! {
            () = &mut stop => break,
            Some(_) = open.join_next() => continue,
            accepted = async { (place.await, listener.accept().await) } => accepted,
        };
        let (place, stream) = match accepted {
            (Ok(place), Ok((stream, _))) => (place, stream),
            (Err(closed), _) => return Err(Failure::internal(closed)),
            (_, Err(error)) => {
                // Out of file descriptors, most likely: wait for a connection to end.
                tracing::warn!(%error, "a PostgreSQL connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let handlers = handlers.clone();
        open.spawn(async move {
            if let Err(error) = pgwire::tokio::process_socket(stream, None, handlers).await {
                tracing::debug!(%error, "a PostgreSQL connection ended badly");
            }
            drop(place);
        });
    }
    open.shutdown().await;
    Ok(())
}
