//! `greengate label show`: take labels apart and verify them.

use std::io::{BufRead, Read, Write};
use std::process::ExitCode;
use std::str::FromStr;

use serde::Serialize;

use crate::cli::out::say;
use crate::cli::setting::Setting;
use crate::cli::{Exit, Failure, Place};
use crate::rules::code::{Code, PAYLOAD_LIMIT, Product, SignedLabel};
use crate::rules::record::Key;
use crate::rules::{gs1, hex, label};
use crate::store::Cache;

/// Look into labels.
#[derive(Debug, clap::Subcommand)]
pub enum Label {
    /// Parse and verify a label's text
    Show(Show),
}

/// Parse and verify a label's text.
///
/// The exit code is 0 if every label is genuine, else 65.
#[derive(Debug, clap::Args)]
pub struct Show {
    /// The text in the QR code; `-` reads a text from each line of standard input
    text: String,
    /// A public key, in place of the cache's keys; may be given again
    #[arg(long, value_name = "SLOT=HEX")]
    key: Vec<GivenKey>,
    /// One line of JSON for each label
    #[arg(long)]
    json: bool,
}

/// `SLOT=HEX` from the command line.
#[derive(Clone, Debug)]
struct GivenKey(Key);

impl FromStr for GivenKey {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (slot, public) = text.split_once('=').ok_or("write it as `SLOT=HEX`")?;
        let slot = slot.parse().ok().filter(|slot| *slot < 4096).ok_or(format!("slot `{slot}` is not 0 to 4095"))?;
        let public = hex::decode(public).ok_or("a public key is 64 hexadecimal digits")?;
        Ok(Self(Key { slot, public, cut_off: None }))
    }
}

/// What a text turned out to be, as `--json` prints it.
#[derive(Debug, Default, Serialize)]
struct Shown {
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<String>,
    #[serde(flatten)]
    header: Option<Header>,
    #[serde(flatten)]
    product: Option<Product>,
}

#[derive(Debug, Serialize)]
struct Header {
    version: u8,
    #[serde(rename = "slot")]
    key_slot: u16,
    valid_until: Option<jiff::civil::Date>,
    index: u32,
    grade: crate::rules::code::Grade,
    scope: crate::rules::code::Scope,
}

impl Label {
    pub(super) fn execute(&self, place: &Place) -> Result<ExitCode, Failure> {
        let Self::Show(show) = self;
        show.execute(place)
    }
}

impl Show {
    fn execute(&self, place: &Place) -> Result<ExitCode, Failure> {
        let keys = if self.key.is_empty() { Keys::of_cache(place)? } else { Keys::Given(self.key.clone()) };
        if self.text != "-" {
            return Ok(code(self.show(self.text.as_bytes(), &keys)?));
        }
        let mut all = true;
        let mut input = std::io::stdin().lock();
        while let Some(line) = line(&mut input)? {
            all &= self.show(&line, &keys)?;
        }
        Ok(code(all))
    }

    fn show(&self, text: &[u8], keys: &Keys) -> Result<bool, Failure> {
        let shown = shown(text, keys)?;
        let mut out = std::io::stdout().lock();
        if self.json {
            serde_json::to_writer(&mut out, &shown).map_err(std::io::Error::from)?;
            writeln!(out)?;
        } else {
            writeln!(out, "{}", shown.in_words())?;
        }
        Ok(shown.ok)
    }
}

fn code(all_genuine: bool) -> ExitCode {
    if all_genuine { ExitCode::SUCCESS } else { Exit::Data.into() }
}

/// A line without its end; one that is longer than any label is cut there, and refused for it.
fn line(input: &mut impl BufRead) -> Result<Option<Vec<u8>>, Failure> {
    let mut line = Vec::new();
    let limit = PAYLOAD_LIMIT as u64 + 2;
    if input.by_ref().take(limit).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.last() != Some(&b'\n') && line.len() as u64 == limit {
        input.skip_until(b'\n')?;
    }
    while line.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
        line.pop();
    }
    Ok(Some(line))
}

/// Where keys come from.
enum Keys {
    Given(Vec<GivenKey>),
    Cache(Box<(Setting, Cache)>),
}

impl Keys {
    fn of_cache(place: &Place) -> Result<Self, Failure> {
        let setting = Setting::find(place)?;
        let cache = Cache::open(&setting.site.state)?.ok_or_else(|| {
            Failure::new(Exit::NoInput, "there is no cache to take keys from; load one or give `--key SLOT=HEX`")
        })?;
        if setting.site.demo {
            say("no configuration: verified with the demo world's keys");
        }
        Ok(Self::Cache(Box::new((setting, cache))))
    }

    fn find(&self, code: &Code, slot: u16) -> Result<Option<Key>, Failure> {
        match self {
            Self::Given(keys) => Ok(keys.iter().map(|key| key.0).find(|key| key.slot == slot)),
            Self::Cache(cache) => Ok(cache.1.find(code)?.key),
        }
    }
}

fn shown(text: &[u8], keys: &Keys) -> Result<Shown, Failure> {
    let code = gs1::read(text);
    let signed = match &code {
        Code::Signed(signed) => signed,
        Code::Broken(refusal) => return Ok(Shown::refused(refusal.slug())),
        Code::Unsigned(product) => {
            return Ok(Shown { product: Some(product.clone()), ..Shown::refused("not-signed") });
        }
        Code::Delivery(_) | Code::Other => return Ok(Shown::refused("not-a-label")),
    };
    let key = keys.find(&code, signed.header.key_slot)?;
    Ok(match label::verify(signed, key.as_ref()) {
        Ok(_) => Shown { ok: true, ..Shown::of(signed) },
        Err(refusal) => Shown { refusal: Some(refusal.slug().to_owned()), ..Shown::of(signed) },
    })
}

impl Shown {
    fn refused(slug: &str) -> Self {
        Self { refusal: Some(slug.to_owned()), ..Self::default() }
    }

    fn of(label: &SignedLabel) -> Self {
        let crate::rules::code::Header { key_slot, valid_until, index, grade, scope } = label.header;
        let header = Header { version: 1, key_slot, valid_until, index, grade, scope };
        Self { header: Some(header), product: Some(label.product.clone()), ..Self::default() }
    }

    fn in_words(&self) -> String {
        let verified = match &self.refusal {
            None => "genuine".to_owned(),
            Some(slug) => format!("refused: {slug}"),
        };
        let header = self.header.as_ref().map(|header| {
            let until = header.valid_until.map_or("without end".to_owned(), |day| format!("until {day}"));
            let (slot, index) = (header.key_slot, header.index);
            format!(
                " · key slot {slot} · index {index} · {:?} when issued · {:?} scope · valid {until}",
                header.grade, header.scope
            )
            .to_lowercase()
        });
        let product = self.product.as_ref().map(|product| format!(" · {}", product.elements()));
        format!("{verified}{}{}", header.unwrap_or_default(), product.unwrap_or_default())
    }
}

/// The refusals' slugs are the JSON's; this keeps the two from drifting apart.
#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::code::Refusal;

    #[test]
    fn a_refusal_is_printed_by_the_name_that_the_journal_has() {
        let named = serde_json::to_value(Refusal::KeyCutOff).expect("a name");
        assert_eq!(named, Refusal::KeyCutOff.slug());
    }

    #[test]
    fn a_key_on_the_command_line_is_a_slot_and_64_digits() {
        assert!("4095=".parse::<GivenKey>().is_err_and(|message| message.contains("64")));
        assert!("4096=00".parse::<GivenKey>().is_err_and(|message| message.contains("4096")));
        let key: GivenKey = format!("7={}", "ab".repeat(32)).parse().expect("a key");
        assert_eq!((key.0.slot, key.0.public), (7, [0xab; 32]));
    }
}
