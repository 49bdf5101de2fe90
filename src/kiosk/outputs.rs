//! Carries orders out on the box: lights, tone, screen, display.

use std::sync::Arc;

use crate::device::{DeviceFault, Display, LightsOwner, Speaker, Unshown};
use crate::kiosk::desk::{Outputs, Step};
use crate::kiosk::shelf::Failure;
use crate::rules::board::Size;
use crate::rules::image::ScreenImage;
use crate::rules::intake::Part;
use crate::rules::orders::{Lights, Orders};
use crate::rules::scene::{Body, Scene};
use crate::rules::text::Language;
use crate::screen::{self, Painter};

/// Hears how far each turn has come.
pub type Steps = Box<dyn FnMut(Step) + Send>;

/// The box's outputs. Repeating an order costs nothing and does no harm.
pub struct BoxOutputs {
    lights: LightsOwner,
    speaker: Speaker,
    display: Display,
    painter: Painter,
    languages: Vec<Language>,
    /// What the image shows, and for which size.
    drawn: Option<(Scene, Size)>,
    displayed: bool,
    /// Why nothing can be seen on the display.
    unseen: Option<String>,
    image: Arc<ScreenImage>,
    image_serial: u64,
    played: u64,
    steps: Option<Steps>,
}

impl BoxOutputs {
    /// Outputs that show scenes in `languages`.
    #[must_use]
    pub fn new(lights: LightsOwner, speaker: Speaker, display: Display, languages: Vec<Language>) -> Self {
        Self {
            lights,
            speaker,
            display,
            painter: Painter::new(),
            languages,
            drawn: None,
            displayed: false,
            unseen: None,
            image: Arc::default(),
            image_serial: 0,
            played: 0,
            steps: None,
        }
    }

    /// Tells `steps` from now on how far each turn has come.
    pub fn watched_by(&mut self, steps: Steps) {
        self.steps = Some(steps);
    }

    /// What the display shows, and how often it has changed.
    #[must_use]
    pub fn screen(&self) -> (Arc<ScreenImage>, u64) {
        (Arc::clone(&self.image), self.image_serial)
    }

    /// Why nothing can be seen on the display; the kiosk works without it.
    #[must_use]
    pub fn unseen(&self) -> Option<&str> {
        self.unseen.as_deref()
    }

    fn show(&mut self, scene: &Scene) -> Result<(), Failure> {
        let (size, colours) = (self.display.size(), self.display.colours());
        let is_drawn = self.drawn.as_ref().is_some_and(|(drawn, at)| (drawn, *at) == (scene, size));
        if !is_drawn {
            self.image = Arc::new(screen::render(&mut self.painter, scene, &self.languages, size, colours));
            self.image_serial += 1;
            self.drawn = Some((scene.clone(), size));
            self.displayed = false;
            self.reached(Step::Drawn);
        }
        let seen = self.put(scene);
        self.displayed = seen.is_ok();
        match seen {
            Ok(()) => self.unseen = None,
            // Nothing there contradicts the lights, and they say what counts.
            Err(DeviceFault::Display(Unshown { message, is_dark: true })) => {
                if self.unseen.as_ref() != Some(&message) {
                    log::warn!("{message}; until then the lights alone tell");
                }
                self.unseen = Some(message);
            }
            Err(fault) => {
                self.unseen = None;
                return Err((Part::Display, fault.to_string()));
            }
        }
        Ok(())
    }

    /// The picture first, the light behind it then.
    fn put(&mut self, scene: &Scene) -> Result<(), DeviceFault> {
        if !self.displayed {
            self.display.show(&self.image, scene.body.slug())?;
            self.reached(Step::Displayed);
        }
        self.display.light(!self.rests(scene))
    }

    /// Nothing happens, and it is night by a clock that can be believed.
    fn rests(&self, scene: &Scene) -> bool {
        let Some(night) = self.display.night() else { return false };
        let time = scene.bar.clock.as_ref().and_then(|clock| clock.parse().ok());
        matches!(scene.body, Body::Ready) && time.is_some_and(|time| night.covers(time))
    }

    fn play(&mut self, orders: &Orders) {
        let Some(sound) = orders.sound.filter(|sound| sound.serial != self.played) else { return };
        self.played = sound.serial;
        // A tone only repeats what lights and screen say, so a silent kiosk goes on working.
        if let Err(fault) = self.speaker.play(sound.tone) {
            log::warn!("no tone: {fault}");
        }
    }
}

impl Outputs for BoxOutputs {
    fn lights(&mut self, lights: Lights) -> Result<(), Failure> {
        self.lights.order(lights).map_err(|fault| (Part::Lights, fault.to_string()))
    }

    fn look_after(&mut self) -> bool {
        let changed = self.display.look_after();
        self.displayed &= !changed;
        changed
    }

    fn reached(&mut self, step: Step) {
        if let Some(steps) = &mut self.steps {
            steps(step);
        }
    }

    /// Lights and screen always agree: what the lights do not show is not on the screen, and the other way round. A display
    /// that may still show what it was told before makes the lights dark; one on which nothing can be seen does not.
    fn carry_out(&mut self, orders: &Orders) -> Vec<Failure> {
        let mut failures: Vec<Failure> = self.lights(orders.lights).err().into_iter().collect();
        if !failures.is_empty() && orders.lights != Lights::Off {
            return failures;
        }
        self.reached(Step::Lit);
        self.play(orders);
        if let Err(failure) = self.show(&orders.scene) {
            failures.push(failure);
            failures.extend(self.lights(Lights::Off).err());
        }
        failures
    }
}
