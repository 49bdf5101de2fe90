//! Plays a shift: the same turns as at the dock, with time jumping ahead.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use super::{Act, CacheSource, Shift, ShiftFault, Step};
use crate::device::DeviceClock;
use crate::kiosk::demo;
use crate::kiosk::desk::{Desk, Happened, Silent};
use crate::kiosk::shelf::Shelf;
use crate::rules::clock::ClockTrust;
use crate::rules::code::Sighting;
use crate::rules::entry::{Entry, What};
use crate::rules::orders::{Lights, Orders};
use crate::rules::scene::{Bar, Body, CacheAge};
use crate::rules::site::Site;
use crate::rules::text::Language;
use crate::rules::time::{Moment, date_of};
use crate::store::{self, Journal};

/// A camera's pace.
const FRAME: Duration = Duration::from_millis(66);
/// The loop looks after cache and disk this often.
const LOOK_AFTER: Duration = Duration::from_secs(1);

/// What a kiosk did in a shift: a line for every row it wrote and for every order that changed something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transcript {
    /// The lines.
    pub lines: Vec<String>,
}

/// Plays `shift` on a kiosk whose state is in `folder`, which must be empty.
///
/// # Errors
/// A file that the shift names cannot be loaded.
pub fn play(shift: Shift, folder: &Path) -> Result<Transcript, ShiftFault> {
    let site = Site { state: folder.to_owned(), panel: None, ..shift.site };
    let journal = Shelf::journal_path(folder);
    match (&shift.journal, shift.epoch) {
        (Some(copy), _) => copy_file(copy, &journal)?,
        (None, Some(epoch)) => drop(Journal::create(&journal, &site.kiosk, epoch)?),
        (None, None) => {}
    }
    let clock = DeviceClock::scripted(shift.clock);
    let mut player = Player {
        site,
        clock,
        desk: None,
        view: None,
        frame_at: None,
        look_after_at: Moment::default(),
        wake_at: None,
        scribe: Scribe { folder: folder.display().to_string(), ..Scribe::default() },
    };
    for step in shift.steps {
        player.until(Moment::from_ms(step.at_ms));
        if !player.act(step)? {
            break;
        }
    }
    Ok(player.scribe.transcript)
}

fn copy_file(from: &Path, to: &Path) -> Result<(), ShiftFault> {
    let copied = std::fs::copy(from, to).map(drop);
    copied.map_err(|source| ShiftFault::File { path: from.to_owned(), verb: "read", source })
}

struct Player {
    site: Site,
    clock: DeviceClock,
    desk: Option<Desk>,
    view: Option<(Sighting, u32)>,
    frame_at: Option<Moment>,
    look_after_at: Moment,
    wake_at: Option<Moment>,
    scribe: Scribe,
}

impl Player {
    /// Lets time pass: frames of what is in view, the core's wake-ups and the loop's rounds come when they are due.
    fn until(&mut self, end: Moment) {
        loop {
            let due = [self.frame_at, self.wake_at, self.desk.as_ref().map(|_| self.look_after_at)];
            let next = due.into_iter().flatten().min().filter(|at| *at < end);
            self.clock.advance_to(next.unwrap_or(end));
            match next {
                None => return,
                Some(at) if self.frame_at == Some(at) => self.frame(),
                Some(at) if self.wake_at == Some(at) => self.turn(Happened::Woken),
                Some(_) => self.look_after(),
            }
        }
    }

    /// Does what a line tells; `false` at the end.
    fn act(&mut self, step: Step) -> Result<bool, ShiftFault> {
        match step.act {
            Act::Start => self.start(),
            Act::Happened(Happened::Seen(sighting, wait_us)) => {
                self.view = Some((sighting, wait_us));
                self.frame();
            }
            Act::Happened(happened) => self.turn(happened),
            Act::Clock(time) => {
                self.clock.set_wall(time);
                self.turn(Happened::Woken);
            }
            Act::Cache(source) => {
                self.load(source)?;
                self.look_after();
            }
            Act::Disk { full } => {
                if let Some(desk) = &mut self.desk {
                    desk.limit_journal(full);
                }
            }
            Act::PowerCut => {
                self.scribe.note(&self.clock, "power cut");
                self.desk = None;
                self.start();
            }
            Act::End => return Ok(false),
        }
        Ok(true)
    }

    fn start(&mut self) {
        let mut desk = Desk::new(&self.site, self.clock.clone());
        self.scribe.forget();
        let orders = desk.start(&mut Silent);
        self.desk = Some(desk);
        self.look_after_at = self.clock.now().moment + LOOK_AFTER;
        self.turned(&orders);
    }

    /// A frame of what is in view. One of nothing is enough: the next would change nothing.
    fn frame(&mut self) {
        let Some((sighting, wait_us)) = self.view.clone() else { return };
        let nothing = sighting.payloads.is_empty() && sighting.hint.is_none();
        self.frame_at = (!nothing).then(|| self.clock.now().moment + FRAME);
        self.turn(Happened::Seen(sighting, wait_us));
    }

    fn turn(&mut self, happened: Happened) {
        if let Some(desk) = &mut self.desk {
            let orders = desk.turn(happened, &mut Silent);
            self.turned(&orders);
        }
    }

    fn look_after(&mut self) {
        self.look_after_at = self.clock.now().moment + LOOK_AFTER;
        if let Some(orders) = self.desk.as_mut().and_then(|desk| desk.look_after(&mut Silent)) {
            self.turned(&orders);
        }
    }

    fn turned(&mut self, orders: &Orders) {
        self.wake_at = orders.wake_at;
        let rows = self.desk.as_mut().map(Desk::take_committed).unwrap_or_default();
        for (seq, entry) in rows {
            self.scribe.row(&self.clock, seq, &entry);
        }
        self.scribe.orders(&self.clock, orders);
    }

    fn load(&mut self, source: CacheSource) -> Result<(), ShiftFault> {
        let folder = &self.site.state;
        match source {
            CacheSource::Demo => {
                let now = self.clock.now().wall;
                demo::load(folder, &demo::world(now, date_of(now, &self.site.time_zone)))?;
            }
            CacheSource::Records(path) => drop(store::load_lines(folder, &store::read_plain(&path)?)?),
            CacheSource::Database(path) => {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let generation = name.find("cache-").map_or(name.as_str(), |at| &name[at..]);
                copy_file(&path, &folder.join(generation))?;
            }
        }
        Ok(())
    }
}

/// Writes down what is ordered.
#[derive(Default)]
struct Scribe {
    transcript: Transcript,
    last: Option<String>,
    sound: u64,
    folder: String,
}

impl Scribe {
    fn forget(&mut self) {
        self.last = None;
        self.sound = 0;
    }

    fn note(&mut self, clock: &DeviceClock, text: &str) {
        let ms = clock.now().moment.ms;
        self.transcript.lines.push(format!("{}.{:03} {text}", ms / 1000, ms % 1000));
    }

    fn row(&mut self, clock: &DeviceClock, seq: u64, entry: &Entry) {
        let what = match &entry.what {
            What::Verdict(judgement) => format!("verdict {}", judgement.ruling.slug()),
            What::Reviewed(checked) => format!("{} of row {}", checked.slug(), checked.row),
            What::DeliveryStarted => "delivery started".to_owned(),
            What::DeliveryEnded => "delivery ended".to_owned(),
            What::LampTest(by) => format!("lamp test by {by}"),
            What::Recovered => "recovered".to_owned(),
            What::Moved(hub) => format!("moved to {hub}"),
        };
        let delivery = entry.delivery.as_ref().map(|id| format!(" in {id}")).unwrap_or_default();
        self.note(clock, &format!("  row {seq}: {what}{delivery}"));
    }

    fn orders(&mut self, clock: &DeviceClock, orders: &Orders) {
        let Bar { cache, trust, .. } = &orders.scene.bar;
        let mut text = format!("{} · {}", body(&orders.scene.body), lights(&orders.lights));
        if *cache != CacheAge::Normal {
            let _ = write!(text, " · list {cache:?}");
        }
        if *trust != Some(ClockTrust::Trusted) {
            text.push_str(" · clock not trusted");
        }
        let new_tone = orders.sound.filter(|sound| sound.serial != self.sound);
        if self.last.as_ref() == Some(&text) && new_tone.is_none() {
            return;
        }
        self.sound = orders.sound.map_or(0, |sound| sound.serial);
        let tone = new_tone.map_or(String::new(), |sound| format!(" · tone {:?}", sound.tone));
        // The folder of a replay is another one each time.
        let line = format!("{text}{tone}").replace(&self.folder, "STATE");
        self.note(clock, &line);
        self.last = Some(text);
    }
}

fn lights(lights: &Lights) -> String {
    match lights {
        Lights::Off => "dark".to_owned(),
        Lights::On { lamp, flash, until } => {
            format!("{lamp:?} {flash:?} until {}.{:03}", until.ms / 1000, until.ms % 1000).to_lowercase()
        }
    }
}

fn body(body: &Body) -> String {
    let slug = body.slug();
    match body {
        Body::Verdict(verdict) => {
            let product = verdict.product.as_ref().map(|name| format!(" “{}”", name.get(Language::En)));
            format!("{:?} {}{}", verdict.outcome, verdict.slug, product.unwrap_or_default()).to_lowercase()
        }
        Body::Notice(notice) => format!("{slug} {notice:?}"),
        Body::DeliveryStarted(delivery) => format!("{slug} {}", delivery.id),
        Body::Summary(delivery) => {
            let tally = delivery.tally;
            format!("{slug} {} {}+{}+{}", delivery.id, tally.accepted, tally.held, tally.rejected)
        }
        Body::Fault(fault) => format!("{slug} “{}” {}", fault.what.get(Language::En), fault.detail),
        Body::SelfTest(Some(lamp)) => format!("{slug} {lamp:?}").to_lowercase(),
        Body::Starting | Body::SelfTest(None) | Body::Ready => slug.to_owned(),
    }
}
