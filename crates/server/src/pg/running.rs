//! What runs on each connection, so that another connection can cancel it, as the protocol wants it.

use async_trait::async_trait;
use pgwire::api::cancel::CancelHandler;
use pgwire::messages::cancel::CancelRequest;
use pgwire::messages::startup::SecretKey;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use store::Cancel;

/// All connections by process id and key.
#[derive(Default)]
pub(super) struct Connections(Mutex<HashMap<Id, Arc<Running>>>);

type Id = (i32, Vec<u8>);

/// What runs on one connection.
#[derive(Default)]
pub(super) struct Running(Mutex<Cancel>);

/// Forgets a connection when it closes.
pub(super) struct Leave {
    connections: Arc<Connections>,
    id: Id,
}

impl Connections {
    /// A connection that was let in.
    pub fn enter(self: &Arc<Self>, pid: i32, key: &SecretKey) -> (Arc<Running>, Leave) {
        let (running, id) = (Arc::<Running>::default(), (pid, key.to_bytes().to_vec()));
        self.lock().insert(id.clone(), running.clone());
        (running, Leave { connections: self.clone(), id })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Id, Arc<Running>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Running {
    /// The flag of the next query.
    pub fn begin(&self) -> Cancel {
        let mut current = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *current = Cancel::default();
        current.clone()
    }
}

impl Drop for Leave {
    fn drop(&mut self) {
        self.connections.lock().remove(&self.id);
    }
}

#[async_trait]
impl CancelHandler for Connections {
    async fn on_cancel_request(&self, request: CancelRequest) {
        let id = (request.pid, request.secret_key.to_bytes().to_vec());
        if let Some(running) = self.lock().get(&id) {
            running.0.lock().unwrap_or_else(PoisonError::into_inner).cancel();
        }
    }
}
