//! A web server on loopback that serves a folder, and misbehaves when it is told to.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use greengate::sync::{Http, Source};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::patient;

/// What the server does with one request.
pub enum Trick {
    /// Answers with this status and nothing else.
    Status(u16),
    /// Sends so many bytes of the file and hangs up.
    Cut(usize),
    /// Sends so many bytes of the file and then nothing more.
    Stall(usize),
    /// Sends bytes without end.
    Endless,
    /// Tells that the request is there, and waits for leave to go on.
    Wait(Sender<()>, Receiver<()>),
    /// Sends the asker elsewhere.
    Redirect(String),
}

#[derive(Default)]
struct Shared {
    /// For each ending of a path what is done next.
    tricks: Mutex<BTreeMap<String, Vec<Trick>>>,
    /// The heads of all requests.
    heads: Mutex<Vec<String>>,
}

pub struct Server {
    pub address: String,
    shared: Arc<Shared>,
}

/// What is spoken, encrypted or not.
trait Stream: Read + Write {}

impl<S: Read + Write> Stream for S {}

impl Server {
    pub fn of(folder: &Path) -> Self {
        Self::start(folder, None)
    }

    /// One that encrypts.
    pub fn tls(folder: &Path, config: ServerConfig) -> Self {
        Self::start(folder, Some(Arc::new(config)))
    }

    fn start(folder: &Path, tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let scheme = if tls.is_some() { "https" } else { "http" };
        let address = format!("{scheme}://{}", listener.local_addr().expect("an address"));
        let shared = Arc::new(Shared::default());
        let (folder, seen) = (folder.to_owned(), Arc::clone(&shared));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (folder, seen, tls) = (folder.clone(), Arc::clone(&seen), tls.clone());
                // A client that goes away is what some tests are about.
                std::thread::spawn(move || match tls {
                    None => answer(&mut &stream, &folder, &seen).unwrap_or(()),
                    Some(tls) => encrypted(&stream, tls, &folder, &seen).unwrap_or(()),
                });
            }
        });
        Self { address, shared }
    }

    pub fn source(&self) -> Source {
        Source::http(Http::new(&self.address).expect("an address")).with_pace(patient())
    }

    /// Does this with the next request whose path ends so.
    pub fn once(&self, ending: &str, trick: Trick) {
        self.shared.tricks.lock().expect("tricks").entry(ending.to_owned()).or_default().push(trick);
    }

    /// The heads of the requests so far.
    pub fn heads(&self) -> Vec<String> {
        self.shared.heads.lock().expect("heads").clone()
    }

    /// The paths that were asked for so far.
    pub fn paths(&self) -> Vec<String> {
        self.heads().iter().map(|head| head.split(' ').nth(1).unwrap_or_default().to_owned()).collect()
    }
}

/// Leave to go on, and word that somebody waits.
pub fn waiting() -> (Trick, Receiver<()>, Sender<()>) {
    let ((there, is_there), (go, may_go)) = (channel(), channel());
    (Trick::Wait(there, may_go), is_there, go)
}

fn encrypted(stream: &TcpStream, tls: Arc<ServerConfig>, folder: &Path, shared: &Shared) -> std::io::Result<()> {
    let mut spoken = StreamOwned::new(ServerConnection::new(tls).expect("a connection"), stream);
    let answered = answer(&mut spoken, folder, shared);
    spoken.conn.send_close_notify();
    // Who was refused may still be sending, and would see a reset in the place of the reason.
    let _ = spoken.flush();
    stream.shutdown(Shutdown::Write)?;
    std::io::copy(&mut &*stream, &mut std::io::sink())?;
    answered
}

fn answer(mut stream: &mut dyn Stream, folder: &Path, shared: &Shared) -> std::io::Result<()> {
    let mut head = String::new();
    let mut lines = BufReader::new(&mut stream);
    while lines.read_line(&mut head)? > 2 {}
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    shared.heads.lock().expect("heads").push(head.clone());
    let trick = {
        let mut tricks = shared.tricks.lock().expect("tricks");
        let found = tricks.iter_mut().find(|(ending, tricks)| path.ends_with(ending.as_str()) && !tricks.is_empty());
        found.map(|(_, tricks)| tricks.remove(0))
    };
    let file = || read(folder, &path);
    match trick {
        Some(Trick::Status(status)) => whole(stream, &format!("{status} Told"), b""),
        Some(Trick::Redirect(to)) => whole(stream, &format!("302 Found\r\nLocation: {to}"), b""),
        Some(Trick::Cut(count)) => part(stream, &file().unwrap_or_default(), count),
        Some(Trick::Stall(count)) => {
            part(stream, &file().unwrap_or_default(), count)?;
            stream.read_exact(&mut [0])
        }
        Some(Trick::Endless) => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")?;
            loop {
                stream.write_all(&[b' '; 4096])?;
            }
        }
        Some(Trick::Wait(there, go)) => {
            there.send(()).expect("somebody who waits");
            go.recv().expect("leave");
            serve(stream, &head, file())
        }
        None => serve(stream, &head, file()),
    }
}

fn read(folder: &Path, path: &str) -> Option<Vec<u8>> {
    let path: PathBuf = path.split('/').filter(|part| !part.is_empty() && *part != "..").collect();
    std::fs::read(folder.join(path)).ok()
}

/// A good answer, also to a request for the rest of a file.
fn serve(stream: &mut dyn Stream, head: &str, file: Option<Vec<u8>>) -> std::io::Result<()> {
    let Some(file) = file else { return whole(stream, "404 Not Found", b"no such file") };
    let field = |name: &str| {
        let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with(name))?;
        line.split_once(": ").map(|(_, value)| value.trim().to_owned())
    };
    let same = field("if-range").is_none_or(|etag| etag == self::etag(&file));
    let from = field("range").and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok());
    match from.filter(|_| same) {
        Some(from) if from < file.len() => {
            let range = format!("206 Partial\r\nContent-Range: bytes {from}-{}/{}", file.len() - 1, file.len());
            whole(stream, &format!("{range}\r\nETag: {}", self::etag(&file)), &file[from..])
        }
        Some(_) => whole(stream, "416 Range", b""),
        None => whole(stream, &format!("200 OK\r\nETag: {}", self::etag(&file)), &file),
    }
}

fn whole(stream: &mut dyn Stream, status: &str, body: &[u8]) -> std::io::Result<()> {
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len())?;
    stream.write_all(body)
}

fn part(stream: &mut dyn Stream, file: &[u8], count: usize) -> std::io::Result<()> {
    let (length, etag) = (file.len(), etag(file));
    write!(stream, "HTTP/1.1 200 OK\r\nETag: {etag}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n")?;
    stream.write_all(&file[..count])?;
    stream.flush()
}

fn etag(file: &[u8]) -> String {
    format!("\"{}-{}\"", file.len(), file.iter().fold(0_u64, |sum, byte| sum.wrapping_mul(31) + u64::from(*byte)))
}
