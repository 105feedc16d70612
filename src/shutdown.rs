//! How the process ends and reloads: two tokens, one tracker, and the signals that move them.
//!
//! ```text
//! SIGTERM | SIGINT  --first-->  soft: stop accepting, finish what runs
//!                   --second->  hard: drop everything (implies soft)
//! SIGHUP            ---------->  reload
//! ```

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A handle on the end of the process; clones share it.
#[derive(Clone, Debug)]
pub struct Shutdown {
    soft: CancellationToken,
    hard: CancellationToken,
    tasks: TaskTracker,
    reloads: watch::Sender<u64>,
}

impl Shutdown {
    /// Nothing raised yet.
    pub fn new() -> Self {
        let hard = CancellationToken::new();
        // A child, so that whoever watches only the soft token hears of the hard one too.
        let soft = hard.child_token();
        Self { soft, hard, tasks: TaskTracker::new(), reloads: watch::Sender::new(0) }
    }

    /// Raised when no new work may begin; what runs may finish.
    pub fn soft(&self) -> &CancellationToken {
        &self.soft
    }

    /// Raised when everything must stop at once.
    pub fn hard(&self) -> &CancellationToken {
        &self.hard
    }

    /// Tasks outside of the workers whose end the process waits for.
    pub fn tasks(&self) -> &TaskTracker {
        &self.tasks
    }

    /// The first call raises the soft token, the next one the hard token: what a signal does.
    pub fn request(&self) {
        if self.soft.is_cancelled() { self.hard.cancel() } else { self.soft.cancel() }
    }

    /// Asks for a reload: what SIGHUP does.
    pub fn request_reload(&self) {
        self.reloads.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// A listener for reloads asked for from now on.
    pub fn reloads(&self) -> Reloads {
        Reloads(self.reloads.subscribe())
    }

    /// Takes over SIGTERM, SIGINT and SIGHUP. Needs a tokio runtime with I/O, on which the listening task then lives.
    ///
    /// # Errors
    /// When the system refuses to install a handler.
    pub fn listen_for_signals(&self) -> io::Result<()> {
        let terminate = signal(SignalKind::terminate())?;
        let interrupt = signal(SignalKind::interrupt())?;
        let hangup = signal(SignalKind::hangup())?;
        tokio::spawn(self.clone().obey(terminate, interrupt, hangup));
        Ok(())
    }

    async fn obey(self, mut terminate: Signal, mut interrupt: Signal, mut hangup: Signal) {
        loop {
            tokio::select! {
                Some(()) = terminate.recv() => self.heard("SIGTERM"),
                Some(()) = interrupt.recv() => self.heard("SIGINT"),
                Some(()) = hangup.recv() => {
                    tracing::info!("SIGHUP: reloading");
                    self.request_reload();
                }
                else => return,
            }
        }
    }

    fn heard(&self, name: &'static str) {
        if self.soft.is_cancelled() {
            tracing::warn!(signal = name, "stopping at once");
        } else {
            tracing::info!(signal = name, "stopping: what runs may finish, once more stops at once");
        }
        self.request();
    }
}

impl Default for Shutdown {
    fn default() -> Self {
        Self::new()
    }
}

/// Hears of reloads. Several requests while one is being carried out count as one.
#[derive(Debug)]
pub struct Reloads(watch::Receiver<u64>);

impl Reloads {
    /// Waits for the next request; never returns once every [`Shutdown`] is gone.
    pub async fn next(&mut self) {
        if self.0.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_request_is_soft_and_the_second_hard() {
        let shutdown = Shutdown::new();
        shutdown.request();
        assert!(shutdown.soft().is_cancelled() && !shutdown.hard().is_cancelled());
        shutdown.request();
        assert!(shutdown.hard().is_cancelled());
    }

    #[test]
    fn hard_implies_soft() {
        let shutdown = Shutdown::new();
        shutdown.hard().cancel();
        assert!(shutdown.soft().is_cancelled());
    }

    #[tokio::test]
    async fn several_reloads_asked_for_together_are_one() {
        let shutdown = Shutdown::new();
        let mut reloads = shutdown.reloads();
        shutdown.request_reload();
        shutdown.request_reload();
        reloads.next().await;
        let again = is_ready(reloads.next());
        assert!(!again.await);
    }

    async fn is_ready(wait: impl Future<Output = ()>) -> bool {
        tokio::select! { biased; () = wait => true, () = std::future::ready(()) => false }
    }

    #[tokio::test]
    async fn signals_reload_and_end_it() {
        use rustix::process::{Signal, getpid, kill_process};
        let shutdown = Shutdown::new();
        shutdown.listen_for_signals().unwrap();
        let mut reloads = shutdown.reloads();
        kill_process(getpid(), Signal::HUP).unwrap();
        reloads.next().await;
        assert!(!shutdown.soft().is_cancelled());
        kill_process(getpid(), Signal::TERM).unwrap();
        shutdown.soft().cancelled().await;
        assert!(!shutdown.hard().is_cancelled());
        kill_process(getpid(), Signal::INT).unwrap();
        shutdown.hard().cancelled().await;
    }
}
