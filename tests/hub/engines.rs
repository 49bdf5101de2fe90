//! The same tests on both engines: a thread says which one its authorities have, and what starts none is SQLite.
//!
//! The server is Debian's, begun by the first test that wants one and ended after the last; where it is not installed,
//! these tests say so and are over.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use greengate::hub::Home;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// The user that a server runs as where the tests run as root, which it refuses to be.
const NOBODY: u32 = 65_534;
/// A server that takes longer to begin is none.
const PATIENCE: Duration = Duration::from_secs(60);

thread_local! {
    static SERVED: RefCell<Option<Served>> = const { RefCell::new(None) };
}

/// The server that a thread's tests are on, and the database of each authority by its folder.
struct Served {
    server: Arc<Server>,
    databases: BTreeMap<PathBuf, String>,
}

/// A server of PostgreSQL in a folder of its own, on a socket there.
pub struct Server {
    folder: TempDir,
    process: Child,
    databases: AtomicU32,
}

static SERVER: Mutex<Weak<Server>> = Mutex::new(Weak::new());

impl Server {
    /// The server that tests share; none where PostgreSQL is not installed.
    pub fn shared() -> Option<Arc<Self>> {
        let mut shared = SERVER.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = shared.upgrade() {
            return Some(server);
        }
        let Some(programs) = programs() else {
            eprintln!("skipped: PostgreSQL is not installed; `apt-get install postgresql` brings it");
            return None;
        };
        let server = Arc::new(Self::begin(&programs));
        *shared = Arc::downgrade(&server);
        Some(server)
    }

    fn begin(programs: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("its mode");
        let data = folder.path().join("data");
        fs::create_dir(&data).expect("a folder");
        if rustix::process::geteuid().is_root() {
            chown(&data, Some(NOBODY), Some(NOBODY)).expect("its owner");
        }
        let made = as_nobody(programs.join("initdb"))
            .args(["--username=hub", "--auth=trust", "--no-sync", "--encoding=UTF8", "--no-instructions", "-D"])
            .arg(&data)
            .output()
            .expect("initdb");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let log = fs::File::create(folder.path().join("log")).expect("a log");
        let process = as_nobody(programs.join("postgres"))
            .args([
                "-c",
                "fsync=off",
                "-c",
                "listen_addresses=",
                "-c",
                "max_connections=200",
                "-c",
                "log_statement=none",
            ])
            .arg("-c")
            .arg(format!("unix_socket_directories={}", data.display()))
            .arg("-D")
            .arg(&data)
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("postgres");
        let server = Self { folder, process, databases: AtomicU32::new(0) };
        let begun = Instant::now();
        while let Err(error) = postgres::Client::connect(&server.url("postgres"), postgres::NoTls) {
            assert!(begun.elapsed() < PATIENCE, "no server: {error}, {}", server.log());
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    pub fn url(&self, database: &str) -> String {
        let socket = self.folder.path().join("data").display().to_string().replace('/', "%2F");
        format!("postgres://hub@{socket}/{database}")
    }

    /// The address of a new and empty database.
    pub fn database(&self) -> String {
        let name = format!("hub{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let mut client = self.client("postgres");
        client.batch_execute(&format!("CREATE DATABASE {name}")).expect("a database");
        self.url(&name)
    }

    pub fn client(&self, database: &str) -> postgres::Client {
        postgres::Client::connect(&self.url(database), postgres::NoTls).expect("a connection")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // At once, and its processes too.
        let _ = kill_process(Pid::from_child(&self.process), Signal::QUIT);
        let _ = self.process.wait();
    }
}

/// Where Debian keeps the newest server's programs.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?.filter_map(|entry| Some(entry.ok()?.path().join("bin")));
    versions.filter(|programs| programs.join("initdb").exists()).max()
}

/// A program that runs as no one in particular where the tests run as root.
fn as_nobody(program: PathBuf) -> Command {
    let mut command = Command::new("setpriv");
    if rustix::process::geteuid().is_root() {
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
    }
    command.arg("--").arg(program).env("LC_ALL", "C.UTF-8").current_dir("/");
    command
}

/// The authority in a folder, with the engine that this thread's test is for.
pub fn home(folder: &Path) -> Home {
    url(folder).map_or_else(|| folder.into(), |url| Home::with_database(folder, &url).expect("an address"))
}

/// The address of this authority's database, if this thread's test is for a server.
fn url(folder: &Path) -> Option<String> {
    SERVED.with_borrow_mut(|served| {
        let Served { server, databases } = served.as_mut()?;
        Some(databases.entry(folder.to_owned()).or_insert_with(|| server.database()).clone())
    })
}

/// A connection beside the authority's, if this thread's test is for a server.
pub fn client(folder: &Path) -> Option<postgres::Client> {
    url(folder).map(|url| postgres::Client::connect(&url, postgres::NoTls).expect("a connection"))
}

/// Runs a test that was written for SQLite on PostgreSQL.
pub fn on_postgres(test: impl FnOnce()) {
    let Some(server) = Server::shared() else { return };
    SERVED.set(Some(Served { server, databases: BTreeMap::new() }));
    test();
    SERVED.set(None);
}

/// Tests of other files, once more on PostgreSQL.
macro_rules! once_more {
    ($($room:ident: $($test:ident),* $(,)?);* $(;)?) => {
        $(mod $room {
            $(#[test]
            fn $test() {
                super::on_postgres(crate::hub::$room::$test);
            })*
        })*
    };
}

pub(super) use once_more;
