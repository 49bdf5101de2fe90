//! The disk under cache and journal: space, and how long a row takes to be safe on it.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, Instant};

use super::Finding;

/// Less than this and a new list may not fit beside the old one.
const LITTLE: u64 = 512 << 20;
/// Less than this and the journal is about to stop.
const NONE: u64 = 32 << 20;
/// Rows that are written to see how long one takes, and the bytes of each.
const ROWS: usize = 32;
const ROW: [u8; 4096] = [0x5a; 4096];
/// A person notices a light that comes later than this.
const SLOW: Duration = Duration::from_millis(100);
/// The file that is written and removed.
const FILE: &str = "doctor.tmp";

pub fn look(state: &Path) -> Vec<Finding> {
    vec![owner(state), space(state), speed(state)]
}

/// Root may write everywhere, and the kiosk is not root.
fn owner(state: &Path) -> Finding {
    let (user, told) = (rustix::process::geteuid().as_raw(), format!("`{}`", state.display()));
    match fs::metadata(state) {
        Ok(folder) if folder.uid() == user => Finding::fine("state folder", format!("{told} belongs to this user")),
        Ok(folder) => {
            let help = "ask as the kiosk's user: `sudo -u greengate greengate doctor`";
            Finding::warn(
                "state folder",
                format!("{told} belongs to user {}, and this is user {user}", folder.uid()),
                help,
            )
        }
        Err(error) => {
            Finding::bad("state folder", format!("{told} cannot be looked at: {error}"), "see that it is there")
        }
    }
}

fn space(state: &Path) -> Finding {
    let free = match rustix::fs::statvfs(state) {
        Ok(volume) => volume.f_bavail.saturating_mul(volume.f_frsize),
        Err(error) => return Finding::bad("space", error.to_string(), format!("look at `{}`", state.display())),
    };
    let told = format!("{} MB free in `{}`", free >> 20, state.display());
    match free {
        0..NONE => Finding::bad("space", told, "make room; a journal that cannot grow lets nothing in"),
        NONE..LITTLE => Finding::warn("space", told, "make room: a new list stands beside the old one for a moment"),
        LITTLE.. => Finding::fine("space", told),
    }
}

fn speed(state: &Path) -> Finding {
    let path = state.join(FILE);
    let written = write_rows(&path);
    // It is of no use to anyone, and the next visit writes it anew.
    let _ = fs::remove_file(&path);
    match written {
        Err(error) => {
            let help = format!(
                "let the kiosk's user write to `{}`, and see that it is not mounted read-only",
                state.display()
            );
            Finding::bad("storage", format!("nothing can be written: {error}"), help)
        }
        Ok(mut times) => {
            times.sort_unstable();
            let (usual, longest) = (times[ROWS / 2], times[ROWS - 1]);
            let told = format!("a row is safe after {}, at most {}", ms(usual), ms(longest));
            if usual < SLOW {
                Finding::fine("storage", told)
            } else {
                Finding::warn("storage", told, "every light waits for that; use a faster card, A2 or an SSD")
            }
        }
    }
}

fn write_rows(path: &Path) -> io::Result<[Duration; ROWS]> {
    let mut file = File::create(path)?;
    let mut times = [Duration::ZERO; ROWS];
    for time in &mut times {
        let begun = Instant::now();
        file.write_all(&ROW)?;
        file.sync_data()?;
        *time = begun.elapsed();
    }
    Ok(times)
}

fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}
