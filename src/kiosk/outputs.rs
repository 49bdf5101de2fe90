//! Carries orders out on the box: lights, tone, screen, display.

use std::sync::Arc;

use crate::device::{Display, LightsOwner, Speaker};
use crate::kiosk::desk::Outputs;
use crate::kiosk::shelf::Failure;
use crate::rules::image::ScreenImage;
use crate::rules::intake::Part;
use crate::rules::orders::{Lights, Orders};
use crate::rules::scene::Scene;
use crate::rules::text::Language;
use crate::screen::{self, Painter};

/// The box's outputs. Repeating an order costs nothing and does no harm.
pub struct BoxOutputs {
    lights: LightsOwner,
    speaker: Speaker,
    display: Display,
    painter: Painter,
    languages: Vec<Language>,
    drawn: Option<Scene>,
    displayed: bool,
    image: Arc<ScreenImage>,
    image_serial: u64,
    played: u64,
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
            image: Arc::default(),
            image_serial: 0,
            played: 0,
        }
    }

    /// What the display shows, and how often it has changed.
    #[must_use]
    pub fn screen(&self) -> (Arc<ScreenImage>, u64) {
        (Arc::clone(&self.image), self.image_serial)
    }

    fn show(&mut self, scene: &Scene) -> Result<(), Failure> {
        if self.drawn.as_ref() != Some(scene) {
            let (size, colours) = (self.display.size(), self.display.colours());
            self.image = Arc::new(screen::render(&mut self.painter, scene, &self.languages, size, colours));
            self.image_serial += 1;
            self.drawn = Some(scene.clone());
            self.displayed = false;
        }
        if !self.displayed {
            let shown = self.display.show(&self.image, scene.body.slug());
            shown.map_err(|fault| (Part::Display, fault.to_string()))?;
            self.displayed = true;
        }
        Ok(())
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

    /// Lights and screen always agree: what the lights do not show is not on the screen, and the other way round.
    fn carry_out(&mut self, orders: &Orders) -> Vec<Failure> {
        let mut failures: Vec<Failure> = self.lights(orders.lights).err().into_iter().collect();
        if !failures.is_empty() && orders.lights != Lights::Off {
            return failures;
        }
        self.play(orders);
        if let Err(failure) = self.show(&orders.scene) {
            failures.push(failure);
            failures.extend(self.lights(Lights::Off).err());
        }
        failures
    }
}
