//! The kiosk's local web page: the live screen, the lights, the status and the metrics, and on the virtual board also
//! the box's camera, buttons and clock.
//!
//! ```text
//! kiosk loop ── Publisher::publish ──► newest snapshot (watch) ──► /events, /status.json, /metrics, /screen.png
//! browser ───── POST, virtual board ─► VirtualHandle::act ──► the virtual camera and buttons
//! ```
//!
//! The server runs in its own named thread and only ever reads the newest snapshot, so no client, slow or hostile, can
//! hold the loop up. Nothing here decides anything: the page shows what the loop published, darkens the lamp at its
//! `until` by itself, and says so when no news arrives.

mod feed;
mod guard;
mod metrics;
mod pictures;
mod refused;
mod routes;
mod server;
mod virtual_routes;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;

use thiserror::Error;
use tokio::sync::oneshot;

use crate::rules::image::GreyImage;
use crate::rules::site::PanelSettings;
use crate::rules::status::Snapshot;
use crate::rules::virtual_board::{RackLabel, VirtualAct};

pub use feed::{Publisher, SILENCE_LIMIT};

/// A token shorter than this can be guessed.
pub const TOKEN_MIN_BYTES: usize = 16;

/// What the panel needs of a virtual board.
pub struct VirtualHandle {
    /// The labels that can be held up.
    pub rack: Vec<RackLabel>,
    /// Carries out what a person does. Called on the panel's threads; must not block.
    pub act: Box<dyn Fn(VirtualAct) + Send + Sync>,
    /// What the virtual camera sees now. Called on the panel's threads; must not block.
    pub preview: Box<dyn Fn() -> Arc<GreyImage> + Send + Sync>,
}

/// Asks for a sync at once. Called on the panel's threads; must not block.
pub type SyncNow = Box<dyn Fn() + Send + Sync>;

/// Why there is no panel.
#[derive(Debug, Error)]
pub enum PanelFault {
    /// The address is taken, not this machine's, or not allowed.
    #[error(
        "the panel cannot listen on `{address}`: {source}; choose another address or port with `--listen`, or `listen` of the site's `[panel]`"
    )]
    Listen {
        /// Where it was to listen.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// Others could reach it, and nothing would keep them out.
    #[error(
        "the panel would listen on `{address}`, which others can reach, without a token; set `token` or use `127.0.0.1`"
    )]
    TokenMissing {
        /// Where it was to listen.
        address: SocketAddr,
    },
    /// The token can be guessed, or cannot be sent in a header.
    #[error(
        "the panel's token has {bytes} bytes; use {TOKEN_MIN_BYTES} to 256 letters, digits and signs without spaces"
    )]
    TokenWeak {
        /// How long it is.
        bytes: usize,
    },
    /// The system gave no thread, timer or random numbers.
    #[error("the panel cannot start: {source}; free memory or raise the limit of threads")]
    Start {
        /// What the system said.
        source: io::Error,
    },
}

/// The running server. Dropping it closes every connection and ends its thread.
pub struct Panel {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Panel {
    /// Where it listens, with the real port where 0 was asked for.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Panel {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the panel's thread was reported by its own hook; the kiosk goes on without a page.
            let _ = thread.join();
        }
    }
}

/// Starts the panel: it serves `first` until the [`Publisher`] brings something newer.
///
/// # Errors
/// The address cannot be listened on, a token is missing or weak where others can reach the page, or the system gives
/// no thread.
pub fn serve(
    settings: &PanelSettings,
    first: Snapshot,
    virtual_board: Option<VirtualHandle>,
    sync_now: Option<SyncNow>,
) -> Result<(Panel, Publisher), PanelFault> {
    let token = asked_token(settings)?;
    let listener = listen(settings.listen).map_err(|source| PanelFault::Listen { address: settings.listen, source })?;
    let start = |source| PanelFault::Start { source };
    let address = listener.local_addr().map_err(start)?;
    let (publisher, feed) = feed::channel(first);
    let door = guard::Door::new(address, token.as_deref());
    let router = routes::router(feed, virtual_board, sync_now, door).map_err(start)?;
    let (stop, stopped) = oneshot::channel();
    let thread = server::start(listener, router, stopped).map_err(start)?;
    Ok((Panel { address, stop: Some(stop), thread: Some(thread) }, publisher))
}

/// The token that clients must show; none on loopback.
fn asked_token(settings: &PanelSettings) -> Result<Option<String>, PanelFault> {
    if settings.listen.ip().is_loopback() {
        return Ok(None);
    }
    let token = settings.token.clone().ok_or(PanelFault::TokenMissing { address: settings.listen })?;
    let sendable = token.bytes().all(|byte| byte.is_ascii_graphic());
    if !sendable || !(TOKEN_MIN_BYTES..=256).contains(&token.len()) {
        return Err(PanelFault::TokenWeak { bytes: token.len() });
    }
    Ok(Some(token))
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}
