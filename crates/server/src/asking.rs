//! Questions that are being answered, so that who asked sees how far they are.

use crate::app::CancelOnDrop;
use crate::auth::caller::Caller;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use store::Cancel;

/// The questions at work.
#[derive(Default)]
pub struct Asking(Arc<Mutex<List>>);

#[derive(Default)]
struct List {
    n_begun: u64,
    running: Vec<Running>,
}

struct Running {
    number: u64,
    asker: String,
    scan: Cancel,
}

/// A question at work: it is stopped and taken off the list when this is dropped, as it is when the client goes away.
pub struct Question {
    list: Arc<Mutex<List>>,
    number: u64,
    scan: CancelOnDrop,
}

impl Asking {
    /// A question of `caller` begins.
    pub fn begin(&self, caller: &Caller) -> Question {
        let scan = CancelOnDrop::default();
        let mut list = lock(&self.0);
        list.n_begun += 1;
        let number = list.n_begun;
        list.running.push(Running { number, asker: caller.account.email.clone(), scan: (*scan).clone() });
        drop(list);
        Question { list: self.0.clone(), number, scan }
    }

    /// The scans of everything that `caller` has asked and is not answered.
    pub fn of(&self, caller: &Caller) -> Vec<Cancel> {
        let list = lock(&self.0);
        let own = list.running.iter().filter(|running| running.asker == caller.account.email);
        own.map(|running| running.scan.clone()).collect()
    }
}

impl std::ops::Deref for Question {
    type Target = Cancel;

    fn deref(&self) -> &Cancel {
        &self.scan
    }
}

impl Drop for Question {
    fn drop(&mut self) {
        lock(&self.list).running.retain(|running| running.number != self.number);
    }
}

fn lock(list: &Mutex<List>) -> MutexGuard<'_, List> {
    list.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{Account, Role};

    #[test]
    fn everybody_sees_their_own_questions_until_they_are_answered() {
        let caller = |email: &str| {
            let account = Account { name: email.to_owned(), email: email.to_owned(), role: Role::Viewer };
            Caller { account }
        };
        let (kim, lee) = (caller("kim@example.com"), caller("lee@example.com"));
        let asking = Asking::default();
        let (first, second) = (asking.begin(&kim), asking.begin(&kim));
        let scan = (*first).clone();
        assert_eq!([asking.of(&kim).len(), asking.of(&lee).len()], [2, 0]);
        drop(first);
        assert!(scan.is_cancelled(), "who goes away stops the scan");
        assert_eq!(asking.of(&kim).len(), 1);
        assert!(!second.is_cancelled());
        drop(second);
        assert!(asking.of(&kim).is_empty());
    }
}
