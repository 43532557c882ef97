//! The peers, each used as its own documentation shows, on the runtime that suits it best.
//!
//! Callers at once and event streams get a runtime with a thread for each core; one caller, and
//! one thread's window, get a runtime on the calling thread, which spares them every wake-up.

mod asterisk_manager;
mod asterisk_rs;
mod asterisk_rs_agi;
mod asterisk_rs_ari;

pub use asterisk_manager::AsteriskManager;
pub use asterisk_rs::AsteriskRs;

use std::fmt::Display;
use std::future::Future;
use std::time::Instant;

use futures_util::future::try_join_all;
use tokio::runtime::{Builder, Runtime};

use crate::contender::Outcome;
use crate::measure::Laps;
use crate::work::Shape;

fn text(error: impl Display) -> String {
    error.to_string()
}

/// A runtime with a thread for each core this process may use.
fn threads() -> Outcome<Runtime> {
    Builder::new_multi_thread().enable_all().build().map_err(text)
}

/// A runtime on the calling thread.
fn here() -> Outcome<Runtime> {
    Builder::new_current_thread().enable_all().build().map_err(text)
}

/// A client that asks something small; all peers do, with futures of their own.
trait Ping: Clone + Send + Sync + 'static {
    /// Sends one and waits for its answer; a refusal is an error.
    fn ping(&self) -> impl Future<Output = Outcome<()>> + Send;
}

/// Sends the pings in the asked shape, after a tenth as many that do not count.
fn pings<C: Ping>(connect: impl Future<Output = Outcome<C>>, shape: Shape) -> Outcome<Laps> {
    let runtime = match shape {
        Shape::Callers { .. } => threads()?,
        Shape::Sequential(_) | Shape::Window { .. } => here()?,
    };
    runtime.block_on(async {
        let client = connect.await?;
        match shape {
            Shape::Sequential(count) => {
                windows(&client, 1, count / 10).await?;
                windows(&client, 1, count).await
            }
            Shape::Window { window, rounds } => {
                windows(&client, window, rounds / 10).await?;
                windows(&client, window, rounds).await
            }
            Shape::Callers { callers: count, each } => {
                callers(&client, count, each / 10).await?;
                callers(&client, count, each).await
            }
        }
    })
}

async fn windows<C: Ping>(client: &C, window: usize, rounds: usize) -> Outcome<Laps> {
    let mut laps = Laps::with_capacity(rounds);
    let began = Instant::now();
    for _ in 0..rounds {
        let since = Instant::now();
        // Alone, a future needs no list of futures around it.
        if window == 1 {
            client.ping().await?;
        } else {
            try_join_all((0..window).map(|_| client.ping())).await?;
        }
        laps.note(since, window as u64);
    }
    laps.wall = began.elapsed();
    Ok(laps)
}

async fn callers<C: Ping>(client: &C, count: usize, each: usize) -> Outcome<Laps> {
    let began = Instant::now();
    let tasks: Vec<_> = (0..count)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { windows(&client, 1, each).await })
        })
        .collect();
    let mut laps = Laps::default();
    for task in tasks {
        laps.merge(task.await.map_err(text)??);
    }
    laps.wall = began.elapsed();
    Ok(laps)
}
