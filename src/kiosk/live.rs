//! The kiosk on a board: its parts opened, and the loop that owns everything.
//!
//! ```text
//!  camera thread ──sighting──▶ ┌─────────┐       ┌──────┐ orders   lights, tone, display
//!  buttons, signals ─────────▶ │ mailbox │─turn─▶│ desk │────────▶ and the panel's snapshot
//!                              └─────────┘       └──────┘
//! ```
//! Everything that waits has a bound: the mailbox, the newest sighting, and the second after which the loop looks after
//! its cache and its disk.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crate::device::{self, Buttons, Camera, Device, DeviceClock, ServiceManager, VirtualBoard, Wiring};
use crate::kiosk::KioskFault;
use crate::kiosk::desk::{Desk, Happened, Outputs};
use crate::kiosk::eye::{self, Eyes};
use crate::kiosk::feeder::Feeder;
use crate::kiosk::mailbox::{Mailbox, Message};
use crate::kiosk::outputs::{BoxOutputs, Steps};
use crate::kiosk::report::Reporter;
use crate::kiosk::shift::Recorder;
use crate::kiosk::signs::Signs;
use crate::panel::{self, Panel, Publisher, SyncNow, VirtualHandle};
use crate::rules::board::{Board, Button};
use crate::rules::code::Sighting;
use crate::rules::intake::Part;
use crate::rules::orders::{Lights, Orders};
use crate::rules::scene::{Body, FaultBody};
use crate::rules::site::Site;
use crate::rules::symbol;
use crate::rules::time::Moment;
use crate::rules::virtual_board::RackLabel;

/// How often the loop looks after what changes without telling.
const LOOK_AFTER: Duration = Duration::from_secs(1);
/// A camera that gives no frame for this long is lost.
const CAMERA_PATIENCE: Duration = Duration::from_secs(5);

/// What a kiosk is made of.
#[derive(Debug)]
pub struct Setup {
    /// What the box is.
    pub board: Board,
    /// Where it stands.
    pub site: Site,
    /// Labels for the virtual board's rack.
    pub rack: Vec<RackLabel>,
    /// Writes down what happens, to be replayed.
    pub recorder: Option<Recorder>,
}

/// A kiosk whose parts are open; [`Kiosk::run`] makes it work.
pub struct Kiosk {
    desk: Desk,
    outputs: BoxOutputs,
    reporter: Reporter,
    orders: Orders,
    panel: Option<(Panel, Publisher)>,
    hand: Option<VirtualBoard>,
    mailbox: Arc<Mailbox>,
    camera: Option<Camera>,
    /// How long a frame is looked at.
    budget: Option<Duration>,
    clock: DeviceClock,
    recorder: Option<Recorder>,
    /// Follows the feed, from the first turn on.
    feeder: Option<Feeder>,
    /// Why the last sync failed, as the core knows it.
    sync_fault: Option<String>,
    /// How long the journal keeps rows.
    keep: Duration,
    /// Pruning failed, and the log has it.
    prune_failed: bool,
    signs: Signs,
    /// Watched as long as the kiosk is there.
    _buttons: Buttons,
}

/// Tells a running kiosk to end, from any thread.
#[derive(Clone)]
pub struct Stopper(Arc<Mailbox>);

impl Stopper {
    /// The loop ends after its present turn, lights dark.
    pub fn stop(&self) {
        self.0.put(Message::Stop);
    }
}

impl Kiosk {
    /// Opens every part of the board and of the site's state.
    ///
    /// # Errors
    /// What waiting does not mend: a board that cannot be opened, an address where the panel cannot listen. A journal or
    /// a cache that does not open is shown on the kiosk's own screen instead.
    pub fn open(setup: Setup) -> Result<Self, KioskFault> {
        let Setup { board, site, rack, recorder } = setup;
        let clock = DeviceClock::new();
        let device = device::open(&board, Wiring { symbol: symbol::encode, clock: clock.clone() })?;
        let Device { camera, display, lights, sound, mut buttons, virtual_board } = device;
        let mailbox = Arc::new(Mailbox::default());
        let to_loop = Arc::clone(&mailbox);
        buttons.subscribe(Box::new(move |button| to_loop.put(Message::Pressed(button))));
        let mut desk = Desk::new(&site, clock.clone());
        let mut reporter = Reporter::new(&site, &board.name, desk.shelf());
        let mut outputs = BoxOutputs::new(lights, sound, display, site.languages.clone());
        let orders = desk.turn(Happened::Woken, &mut outputs);
        let feeder = Feeder::start(&site).map_err(KioskFault::Thread)?;
        let synced = feeder.as_ref().map(Feeder::status);
        let first = reporter.snapshot(clock.now(), &orders, &outputs, desk.shelf(), synced);
        let handle = virtual_board.clone().map(|board| virtual_handle(board, rack));
        let panel = site
            .panel
            .as_ref()
            .map(|settings| panel::serve(settings, first, handle, sync_now(feeder.as_ref())))
            .transpose()?;
        let camera = Some(camera);
        let budget = board.camera.budget_ms().map(|budget_ms| Duration::from_millis(budget_ms.into()));
        let (sync_fault, keep, prune_failed) = (None, site.journal.keep, false);
        Ok(Self {
            desk,
            outputs,
            reporter,
            orders,
            panel,
            hand: virtual_board,
            mailbox,
            camera,
            budget,
            clock,
            recorder,
            feeder,
            sync_fault,
            keep,
            prune_failed,
            signs: Signs::to(ServiceManager::from_env(), LOOK_AFTER),
            _buttons: buttons,
        })
    }

    /// Where the panel listens, if there is one.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        self.panel.as_ref().map(|(panel, _)| panel.address())
    }

    /// Does what a person does, where the board is a virtual one.
    #[must_use]
    pub fn hand(&self) -> Option<VirtualBoard> {
        self.hand.clone()
    }

    /// Tells `steps` from now on how far each turn has come.
    pub fn watched_by(&mut self, steps: Steps) {
        self.outputs.watched_by(steps);
    }

    /// What stops the kiosk from another thread.
    #[must_use]
    pub fn stopper(&self) -> Stopper {
        Stopper(Arc::clone(&self.mailbox))
    }

    /// Works until it is told to stop, or until a recording that the camera plays is over and its last verdict has ended.
    ///
    /// # Errors
    /// A thread that the system does not give, a camera thread that died, a shift that cannot be written down.
    pub fn run(mut self) -> Result<(), KioskFault> {
        let Some(camera) = self.camera.take() else { return Ok(()) };
        let camera = eye::open(camera, self.budget, Arc::clone(&self.mailbox), self.signs.camera());
        let camera = camera.map_err(KioskFault::Thread)?;
        let worked = self.work(&camera);
        self.signs.stopping();
        // Whatever ended the work, the camera thread is let go and the lights go dark.
        self.mailbox.put(Message::Stop);
        drop(self.outputs.lights(Lights::Off));
        let ended = self.recorder.as_mut().map_or(Ok(()), |recorder| recorder.ended(self.clock.now()));
        worked.and(let_go(camera)).and(ended.map_err(KioskFault::from))
    }

    fn work(&mut self, camera: &Eyes) -> Result<(), KioskFault> {
        let mut rounds = Rounds::new(self.now());
        self.started()?;
        self.signs.ready(&self.orders.scene.body);
        loop {
            self.due(&mut rounds)?;
            if rounds.camera_ended && self.mailbox.is_empty() {
                match &self.orders.scene.body {
                    Body::Ready => return Ok(()),
                    Body::Fault(fault) => return Err(KioskFault::EndedInFault(told(fault))),
                    Body::Starting
                    | Body::SelfTest(_)
                    | Body::Verdict(_)
                    | Body::Notice(_)
                    | Body::DeliveryStarted(_)
                    | Body::Summary(_) => {}
                }
            }
            if self.mailbox.is_empty() && camera.is_finished() && !rounds.camera_ended {
                return Err(KioskFault::CameraThread);
            }
            let patience = rounds.patience(self.now(), self.orders.wake_at);
            let Some((message, waited)) = self.mailbox.take(patience) else { continue };
            match message {
                Message::Sighting(sighting) => self.sighting(sighting, waited, &mut rounds)?,
                Message::Pressed(button) => self.pressed(button)?,
                Message::Failed(part, message) => {
                    rounds.told_of_camera |= part == Part::Camera;
                    self.happened(Happened::Failed(part, message))?;
                }
                Message::Recovered(part) => self.happened(Happened::Recovered(part))?,
                Message::CameraEnded => rounds.camera_ended = true,
                Message::Stop => return Ok(()),
            }
        }
    }

    /// What time asks for: the loop's own rounds, the core's wake-up, a camera that fell silent.
    fn due(&mut self, rounds: &mut Rounds) -> Result<(), KioskFault> {
        let now = self.now();
        if now >= rounds.look_after_at {
            rounds.look_after_at = now + LOOK_AFTER;
            self.looked_after()?;
            self.signs.turned(rounds.camera_ended);
        }
        if self.orders.wake_at.is_some_and(|at| at <= self.now()) {
            self.happened(Happened::Woken)?;
        }
        if let Some(message) = rounds.silent_camera(now) {
            self.happened(Happened::Failed(Part::Camera, message))?;
        }
        Ok(())
    }

    fn sighting(&mut self, sighting: Sighting, waited: Duration, rounds: &mut Rounds) -> Result<(), KioskFault> {
        rounds.told_of_camera = false;
        if std::mem::take(&mut rounds.silent) {
            self.happened(Happened::Recovered(Part::Camera))?;
        }
        rounds.last_frame = self.now();
        self.reporter.frame(sighting.payloads.len(), sighting.scan_us);
        let wait_us = u32::try_from(waited.as_micros()).unwrap_or(u32::MAX);
        self.happened(Happened::Seen(sighting, wait_us))
    }

    fn pressed(&mut self, button: Button) -> Result<(), KioskFault> {
        match (button, &self.feeder) {
            (Button::Sync, Some(feeder)) => feeder.waker().wake(),
            (Button::Sync, None) => log::warn!("no sync: the site names no feed, and the kiosk is not enrolled"),
            (Button::Delivery | Button::LampTest | Button::ReviewPassed | Button::ReviewFailed, _) => {}
        }
        self.happened(Happened::Pressed(button))
    }

    fn happened(&mut self, happened: Happened) -> Result<(), KioskFault> {
        let taken_up = Instant::now();
        if let Some(recorder) = &mut self.recorder {
            recorder.happened(self.clock.now(), &happened)?;
        }
        let before_us = match &happened {
            Happened::Seen(sighting, wait_us) => u64::from(sighting.scan_us) + u64::from(*wait_us),
            Happened::Pressed(_)
            | Happened::Failed(..)
            | Happened::Recovered(_)
            | Happened::Followed(_)
            | Happened::Woken => 0,
        };
        let orders = self.desk.turn(happened, &mut self.outputs);
        let took_us = u64::try_from(taken_up.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.turned(orders, before_us.saturating_add(took_us));
        Ok(())
    }

    fn started(&mut self) -> Result<(), KioskFault> {
        if let Some(recorder) = &mut self.recorder {
            recorder.started(self.clock.now(), self.desk.shelf().cache())?;
        }
        let orders = self.desk.start(&mut self.outputs);
        self.turned(orders, 0);
        Ok(())
    }

    fn looked_after(&mut self) -> Result<(), KioskFault> {
        let before = self.desk.shelf().facts();
        let orders = self.desk.look_after(&mut self.outputs);
        let after = self.desk.shelf().facts();
        if let Some(recorder) = self.recorder.as_mut().filter(|_| before != after) {
            recorder.synced(self.clock.now(), self.desk.shelf().cache())?;
        }
        let orders = orders.unwrap_or_else(|| self.orders.clone());
        self.turned(orders, 0);
        self.prune();
        self.followed()
    }

    /// Tells the core how the last sync went, if that is another answer than before.
    fn followed(&mut self) -> Result<(), KioskFault> {
        let Some(fault) = self.feeder.as_ref().map(|feeder| feeder.status().fault) else { return Ok(()) };
        if fault == self.sync_fault {
            return Ok(());
        }
        self.sync_fault.clone_from(&fault);
        self.happened(Happened::Followed(fault))
    }

    /// A few old rows leave the journal each second, while nothing is shown and nobody waits.
    fn prune(&mut self) {
        let confirmed = self.feeder.as_ref().and_then(Feeder::confirmed);
        let Some(confirmed) = confirmed.filter(|_| matches!(self.orders.scene.body, Body::Ready)) else { return };
        let pruned = self.desk.prune(confirmed, self.keep);
        if let (Err(fault), false) = (&pruned, self.prune_failed) {
            log::warn!("old rows cannot be pruned: {fault}");
        }
        self.prune_failed = pruned.is_err();
    }

    /// Tells the panel, where there is something to tell: the loop's rounds do each second, a frame only if it changed
    /// something.
    fn turned(&mut self, orders: Orders, verdict_us: u64) {
        let rows = self.desk.take_committed();
        for (seq, entry) in &rows {
            self.reporter.row(*seq, entry, verdict_us);
        }
        let changed = !rows.is_empty() || verdict_us == 0 || Shown::of(&orders) != Shown::of(&self.orders);
        if let Body::Fault(fault) = &orders.scene.body
            && orders.scene.body != self.orders.scene.body
        {
            log::error!("{}", told(fault));
        }
        if orders.scene.body != self.orders.scene.body {
            self.signs.shows(&orders.scene.body, &self.orders.scene.body);
        }
        self.orders = orders;
        if let Some((_, publisher)) = self.panel.as_ref().filter(|_| changed) {
            let (synced, shelf) = (self.feeder.as_ref().map(Feeder::status), self.desk.shelf());
            let snapshot = self.reporter.snapshot(self.clock.now(), &self.orders, &self.outputs, shelf, synced);
            publisher.publish(snapshot);
        }
    }

    fn now(&self) -> Moment {
        self.clock.now().moment
    }
}

/// Waits for the camera thread, unless it hangs in a driver.
fn let_go(camera: Eyes) -> Result<(), KioskFault> {
    let begun = Instant::now();
    while !camera.is_finished() {
        if begun.elapsed() > CAMERA_PATIENCE {
            log::warn!("the camera does not let go; the program ends without it");
            return Ok(());
        }
        thread::sleep(Duration::from_millis(5));
    }
    camera.join().map_err(|_| KioskFault::CameraThread).and_then(|seen| Ok(seen?))
}

/// What the panel asks for a sync with.
fn sync_now(feeder: Option<&Feeder>) -> Option<SyncNow> {
    let waker = feeder?.waker();
    Some(Box::new(move || waker.wake()))
}

/// A fault's words for the log.
fn told(fault: &FaultBody) -> String {
    let colon = if fault.detail.is_empty() { "" } else { ": " };
    format!("{}{colon}{}", fault.what.en, fault.detail)
}

/// What a person notices of orders.
#[derive(PartialEq)]
struct Shown<'a>(&'a crate::rules::scene::Scene, Lights, Option<crate::rules::orders::Sound>);

impl<'a> Shown<'a> {
    const fn of(orders: &'a Orders) -> Self {
        Self(&orders.scene, orders.lights, orders.sound)
    }
}

/// When the loop looks after what.
struct Rounds {
    look_after_at: Moment,
    last_frame: Moment,
    /// The camera has fallen silent, and the core knows.
    silent: bool,
    /// The camera itself has said that it failed.
    told_of_camera: bool,
    camera_ended: bool,
}

impl Rounds {
    fn new(now: Moment) -> Self {
        Self {
            look_after_at: now + LOOK_AFTER,
            last_frame: now,
            silent: false,
            told_of_camera: false,
            camera_ended: false,
        }
    }

    fn patience(&self, now: Moment, wake_at: Option<Moment>) -> Duration {
        let wake_at = wake_at.map_or(self.look_after_at, |at| at.min(self.look_after_at));
        wake_at.since(now)
    }

    /// The message of a camera that has just been found silent.
    fn silent_camera(&mut self, now: Moment) -> Option<String> {
        let lost = now.since(self.last_frame) >= CAMERA_PATIENCE && !self.camera_ended && !self.told_of_camera;
        (lost && !std::mem::replace(&mut self.silent, true))
            .then(|| format!("no frame for {} seconds", CAMERA_PATIENCE.as_secs()))
    }
}

fn virtual_handle(board: VirtualBoard, rack: Vec<RackLabel>) -> VirtualHandle {
    let camera = board.clone();
    VirtualHandle { rack, act: Box::new(move |act| board.act(act)), preview: Box::new(move || camera.preview()) }
}
