//! The service's thread: connections in, connections out, each with an end. What is answered is the rooms' matter.

mod limits;
mod shares;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::{sleep, timeout};

pub use limits::Limits;
pub(in crate::hub) use shares::network_of;
use shares::{Part, Shares};

use super::HubFault;

/// The largest head of a request in bytes, and the most headers in it.
const HEAD_BYTES: usize = 16 * 1024;
const HEADERS_LIMIT: usize = 64;
/// After a failed accept (no free file descriptor) the next try waits this long.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// A transaction that has begun may take this long once the service is to end.
const END_LIMIT: Duration = Duration::from_secs(5);
/// Threads that read files and write rows.
const WORKERS: usize = 8;

/// The running service. Dropping it closes every connection and ends its thread.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Where it listens, with the real port where 0 was asked for.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was reported by its own hook.
            let _ = thread.join();
        }
    }
}

/// Starts the service.
///
/// # Errors
/// The address cannot be listened on, or the system gives no thread.
pub fn serve(address: SocketAddr, limits: Limits, router: Router) -> Result<Server, HubFault> {
    let fault = |source| HubFault::Listen { address, source };
    let listener = TcpListener::bind(address).map_err(fault)?;
    listener.set_nonblocking(true).map_err(fault)?;
    let address = listener.local_addr().map_err(fault)?;
    let (stop, stopped) = oneshot::channel();
    let thread = start(listener, router, limits, stopped).map_err(fault)?;
    Ok(Server { address, stop: Some(stop), thread: Some(thread) })
}

fn start(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    stopped: oneshot::Receiver<()>,
) -> io::Result<JoinHandle<()>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .max_blocking_threads(WORKERS)
        .thread_name("hub-worker")
        .build()?;
    let listener = {
        let _inside = runtime.enter();
        tokio::net::TcpListener::from_std(listener)?
    };
    thread::Builder::new().name("hub".to_owned()).spawn(move || {
        runtime.block_on(async {
            tokio::select! {
                () = accept(&listener, &router, limits) => {}
                _ = stopped => {}
            }
        });
        runtime.shutdown_timeout(END_LIMIT);
    })
}

async fn accept(listener: &tokio::net::TcpListener, router: &Router, limits: Limits) {
    let places = Arc::new(Semaphore::new(limits.connections));
    let shares = Shares::new(limits.of_one);
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        match listener.accept().await {
            // One that is too many is closed at once, so that it takes nobody's place.
            Ok((stream, peer)) => match shares.part(peer.ip()) {
                Some(part) => drop(tokio::spawn(converse(stream, peer, router.clone(), limits, (place, part)))),
                None => log::debug!("{} has {} connections already", peer.ip(), limits.of_one),
            },
            Err(fault) => {
                log::warn!("a connection could not be taken: {fault}");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn converse(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    limits: Limits,
    _place: (OwnedSemaphorePermit, Part),
) {
    if let Err(fault) = stream.set_nodelay(true) {
        log::debug!("a connection stays slow: {fault}");
    }
    let router = TowerToHyperService::new(router);
    let answer = service_fn(|mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        router.call(request)
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(HEAD_BYTES)
        .max_headers(HEADERS_LIMIT)
        .serve_connection(TokioIo::new(stream), answer);
    match timeout(limits.connection, served).await {
        Ok(Ok(())) => {}
        Ok(Err(fault)) => log::debug!("a connection ended early: {fault}"),
        Err(_) => log::debug!("a connection was ended: it took too long"),
    }
}
