//! Pictures with truth: photographs, generated frames.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use greengate::rules::image::GreyImage;
use serde::Deserialize;

/// A picture and what must be read in it.
pub struct Case {
    pub set: String,
    pub id: String,
    pub image: GreyImage,
    /// Empty where it is not known, or where nothing may be read.
    pub texts: Vec<String>,
    /// Codes that are marked in the picture, where somebody counted.
    pub codes: Option<usize>,
}

impl Case {
    /// Whether nothing may be read.
    pub fn is_bare(&self) -> bool {
        ["falsepos", "syn-empty", "syn-clutter"].iter().any(|set| self.set.starts_with(set))
    }
}

/// A line of a manifest.
#[derive(Deserialize)]
struct Line {
    set: String,
    id: String,
    #[serde(alias = "path")]
    file: PathBuf,
    texts: Vec<String>,
    codes: Option<usize>,
}

/// Photographs, then frames, of the sets whose name begins so, as far as their folders are there.
pub fn photographs(only: &str) -> impl Iterator<Item = Case> {
    let shared = env::var_os("GREENGATE_SHARED").map_or_else(|| PathBuf::from("../shared"), PathBuf::from);
    let frames = env::var_os("GREENGATE_FRAMES").map(PathBuf::from);
    if frames.is_none() {
        let maker = shared.join("intake-frames/gen_frames.py");
        println!(
            "no frames; `python3 {} target/frames` makes them, `GREENGATE_FRAMES=target/frames` names them",
            maker.display()
        );
    }
    [Some(shared.join("photos")), frames].into_iter().flatten().flat_map(move |folder| cases(&folder, only))
}

fn cases(folder: &Path, only: &str) -> impl Iterator<Item = Case> + use<> {
    let manifest = fs::read_to_string(folder.join("manifest.jsonl")).unwrap_or_else(|error| {
        println!("no pictures at `{}`: {error}", folder.display());
        String::new()
    });
    let mut lines: Vec<Line> =
        manifest.lines().map(|line| serde_json::from_str(line).expect("the manifest is JSON Lines")).collect();
    lines.retain(|line| line.set != "rqrr" && line.set.starts_with(only));
    let folder = folder.to_owned();
    lines.into_iter().map(move |line| case(&folder, line))
}

fn case(folder: &Path, line: Line) -> Case {
    let grey = image::open(folder.join(&line.file)).expect("the manifest names pictures").into_luma8();
    let (width, height) = (grey.width() as usize, grey.height() as usize);
    let image = GreyImage { width, height, pixels: grey.into_raw() };
    Case { set: line.set, id: line.id, image, texts: line.texts, codes: line.codes }
}
