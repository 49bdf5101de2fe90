//! Where labels are written: one file, or a folder of pictures; whole, or not at all, and never over older labels.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cli::{Exit, Failure};
use crate::hub::HubFault;
use crate::hub::sheet::{Drawing, pdf, png, svg};

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Pdf,
    Svg,
    Png,
    Csv,
    /// A folder of PNG files.
    Folder,
}

/// A file or a folder that is going to be written.
#[derive(Debug)]
pub struct Output {
    path: PathBuf,
    format: Format,
}

/// What is written already, under another name.
#[derive(Debug)]
#[must_use]
pub struct Staged {
    part: PathBuf,
    path: PathBuf,
    kept: bool,
}

impl Output {
    /// Checks a name before anything is done.
    pub fn new(path: &Path) -> Result<Self, Failure> {
        let extension = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
        let format = match extension.as_deref() {
            Some("pdf") => Format::Pdf,
            Some("svg") => Format::Svg,
            Some("png") => Format::Png,
            Some("csv") => Format::Csv,
            None => Format::Folder,
            Some(other) => {
                let message = format!("labels are not written as `.{other}`; take .pdf, .svg, .png, .csv or a folder");
                return Err(Failure::new(Exit::Usage, message));
            }
        };
        let is_empty_folder =
            format == Format::Folder && fs::read_dir(path).is_ok_and(|mut files| files.next().is_none());
        if path.exists() && !is_empty_folder {
            let message = format!("`{}` exists already; take another name", path.display());
            return Err(Failure::new(Exit::Usage, message));
        }
        Ok(Self { path: path.to_owned(), format })
    }

    /// Whether it is a list of texts, for which nothing has to be drawn.
    pub fn is_list(&self) -> bool {
        self.format == Format::Csv
    }

    /// Writes a list.
    pub fn stage_list(&self, list: &str) -> Result<Staged, HubFault> {
        self.write(list.as_bytes())
    }

    /// Writes pages.
    pub fn stage(&self, pages: &[Drawing]) -> Result<Staged, HubFault> {
        match (self.format, pages) {
            (Format::Pdf, pages) => self.write(&pdf(pages)),
            (Format::Svg, [page]) => self.write(svg(page).as_bytes()),
            (Format::Png, [page]) => self.write(&png(page)),
            (Format::Svg | Format::Png, pages) => {
                let (count, path) = (pages.len(), self.path.display());
                Err(HubFault::Refused(format!("{count} pages do not fit `{path}`; name a folder or a PDF")))
            }
            (Format::Folder, pages) => self.write_folder(pages),
            (Format::Csv, _) => Err(HubFault::Refused("a list has no pages".to_owned())),
        }
    }

    fn write(&self, bytes: &[u8]) -> Result<Staged, HubFault> {
        let staged = self.staged();
        fs::write(&staged.part, bytes).map_err(|error| fault(&staged.part, error))?;
        Ok(staged)
    }

    fn write_folder(&self, pages: &[Drawing]) -> Result<Staged, HubFault> {
        let staged = self.staged();
        fs::create_dir(&staged.part).map_err(|error| fault(&staged.part, error))?;
        for (number, page) in (1..).zip(pages) {
            for (extension, bytes) in [("png", png(page)), ("svg", svg(page).into_bytes())] {
                let file = staged.part.join(format!("{number:05}.{extension}"));
                fs::write(&file, bytes).map_err(|error| fault(&file, error))?;
            }
        }
        Ok(staged)
    }

    fn staged(&self) -> Staged {
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(".part");
        Staged { part: self.path.with_file_name(name), path: self.path.clone(), kept: false }
    }
}

impl Staged {
    /// Gives it its name.
    pub fn keep(mut self) -> Result<(), HubFault> {
        // An empty folder makes way; one with files in it stays, and the name is refused.
        let _ = fs::remove_dir(&self.path);
        fs::rename(&self.part, &self.path).map_err(|source| HubFault::File {
            path: self.part.clone(),
            verb: "renamed; its labels are issued, and `reprint` writes them again",
            source,
        })?;
        self.kept = true;
        Ok(())
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        // What cannot be removed is in nobody's way.
        if !self.kept {
            let _ = fs::remove_file(&self.part).or_else(|_| fs::remove_dir_all(&self.part));
        }
    }
}

fn fault(path: &Path, source: std::io::Error) -> HubFault {
    HubFault::File { path: path.to_owned(), verb: "written", source }
}
