//! Long work: whether it should end, and whom to tell how far it is.

/// Told how far some work is.
pub trait Progress: Sync {
    /// `done` of `total` steps.
    fn step(&self, done: usize, total: usize);
}

impl Progress for () {
    fn step(&self, _: usize, _: usize) {}
}

/// The user ended the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("interrupted")]
pub struct Cancelled;

/// What long work asks and tells.
#[derive(Clone, Copy)]
pub struct Work<'a> {
    /// Asked often; true ends the work.
    pub cancelled: &'a (dyn Fn() -> bool + Sync),
    /// Told how far it is.
    pub progress: &'a dyn Progress,
}

impl Work<'_> {
    /// Work that goes on to its end and tells nobody.
    pub fn quiet() -> Work<'static> {
        Work { cancelled: &|| false, progress: &() }
    }

    /// Whether to go on.
    ///
    /// # Errors
    /// [`Cancelled`] if the user ended it.
    pub fn go_on(&self) -> Result<(), Cancelled> {
        if (self.cancelled)() { Err(Cancelled) } else { Ok(()) }
    }

    /// `of(0), of(1), …` in parallel and in order; `of` is called no more once the user ended it.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub fn ordered<T: Send>(&self, n: usize, of: impl Fn(usize) -> T + Sync) -> Result<Vec<T>, Cancelled> {
        let each = |i| {
            self.go_on()?;
            let value = of(i);
            self.progress.step(i + 1, n);
            Ok(value)
        };
        super::parallel::ordered(n, each).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn results_come_in_order_and_an_end_is_an_error() {
        assert_eq!(Work::quiet().ordered(100, |i| i * i).unwrap(), (0..100).map(|i| i * i).collect::<Vec<_>>());
        let calls = AtomicUsize::new(0);
        let ended = Work { cancelled: &|| calls.load(Ordering::SeqCst) >= 10, progress: &() };
        let call = |_| calls.fetch_add(1, Ordering::SeqCst);
        assert_eq!(ended.ordered(10_000, call), Err(Cancelled));
        assert!(calls.load(Ordering::SeqCst) < 1_000, "the work went on after its end");
    }
}
