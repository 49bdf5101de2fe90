//! A board's `[lights]` and `[sound]`.

use super::super::table::Table;
use crate::rules::board::{LightsBoard, SoundBoard};

pub fn lights(file: &mut Table<'_>) -> Option<LightsBoard> {
    file.choice("lights", &[("panel", |_| Some(LightsBoard::Panel)), ("log", |_| Some(LightsBoard::Log))])
}

pub fn sound(file: &mut Table<'_>) -> Option<SoundBoard> {
    file.choice(
        "sound",
        &[
            ("panel", |_| Some(SoundBoard::Panel)),
            ("log", |_| Some(SoundBoard::Log)),
            ("none", |_| Some(SoundBoard::None)),
        ],
    )
}
