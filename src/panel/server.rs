//! The panel's thread: connections in, connections out, each with a limit and an end.
//!
//! A client may keep a connection open, but not hold it without reading or writing: a request's head has ten seconds,
//! and a client that takes nothing for twenty is cut off. At most [`CONNECTIONS_LIMIT`] are open; others wait in the
//! system's queue.

use std::io;
use std::net::TcpListener;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use axum::Router;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::{Sleep, sleep};

/// Open connections at any time.
const CONNECTIONS_LIMIT: usize = 48;
/// From the wish for a request to the last byte of its head; also the longest idle time between two requests.
const HEAD_LIMIT: Duration = Duration::from_secs(10);
/// A client that takes no byte of its answer for this long is gone.
const STALL_LIMIT: Duration = Duration::from_secs(20);
/// The largest head of a request in bytes, and the most headers in it.
const HEAD_BYTES: usize = 16 * 1024;
const HEADERS_LIMIT: usize = 64;
/// After a failed accept (no free file descriptor) the next try waits this long.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Work on pictures that has begun may take this long once the panel is to end.
const END_LIMIT: Duration = Duration::from_millis(500);

/// Starts the thread; it ends when `stopped` resolves.
pub(super) fn start(
    listener: TcpListener,
    router: Router,
    stopped: oneshot::Receiver<()>,
) -> io::Result<JoinHandle<()>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .max_blocking_threads(2)
        .thread_name("panel-picture")
        .build()?;
    let listener = {
        let _inside = runtime.enter();
        tokio::net::TcpListener::from_std(listener)?
    };
    thread::Builder::new().name("panel".to_owned()).spawn(move || {
        runtime.block_on(async {
            tokio::select! {
                () = accept(&listener, &router) => {}
                _ = stopped => {}
            }
        });
        runtime.shutdown_timeout(END_LIMIT);
    })
}

async fn accept(listener: &tokio::net::TcpListener, router: &Router) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_LIMIT));
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        match listener.accept().await {
            Ok((stream, _peer)) => drop(tokio::spawn(converse(stream, router.clone(), place))),
            Err(fault) => {
                log::warn!("the panel could not take a connection: {fault}");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn converse(stream: TcpStream, router: Router, _place: OwnedSemaphorePermit) {
    if let Err(fault) = stream.set_nodelay(true) {
        log::debug!("a panel connection stays slow: {fault}");
    }
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_LIMIT)
        .max_buf_size(HEAD_BYTES)
        .max_headers(HEADERS_LIMIT)
        .serve_connection(Stalling::new(stream), TowerToHyperService::new(router))
        .await;
    if let Err(fault) = served {
        log::debug!("a panel connection ended early: {fault}");
    }
}

/// A connection that fails when the client takes nothing for [`STALL_LIMIT`].
struct Stalling {
    io: TokioIo<TcpStream>,
    waiting: Option<Pin<Box<Sleep>>>,
}

impl Stalling {
    fn new(stream: TcpStream) -> Self {
        Self { io: TokioIo::new(stream), waiting: None }
    }

    /// Passes a written answer on, and turns a pending one into a failure once the limit is over.
    fn watched<T>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.waiting = None;
            return written;
        }
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(sleep(STALL_LIMIT)));
        waiting.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl Read for Stalling {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buffer)
    }
}

impl Write for Stalling {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write(cx, bytes);
        self.watched(cx, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.io).poll_flush(cx);
        self.watched(cx, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.io).poll_shutdown(cx);
        self.watched(cx, shut)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write_vectored(cx, parts);
        self.watched(cx, written)
    }
}
