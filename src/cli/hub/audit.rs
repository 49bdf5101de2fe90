//! `greengate-hub audit`: whether the history is still the one that was signed, and proofs of what is in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;

use super::Place;
use super::history::harmless;
use crate::cli::out::{counted, put};
use crate::cli::{Exit, Failure};
use crate::hub::audit::{self, NoteKey, Proof, Row, Verified, Which, leaf_hash};
use crate::rules::hex;

/// Check the audit log, and prove what is in it.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Print the checkpoint that is published
    ///
    /// Keep it somewhere else: `audit verify --checkpoint FILE` tells later whether the history still is the one of then.
    Checkpoint,
    /// Print the key that checkpoints and proofs are checked with
    Key,
    /// Hash the whole history and hold it against the published checkpoint
    Verify {
        /// Prove the row that made this listing what it is
        #[arg(long, value_name = "N", conflicts_with = "seq")]
        listing: Option<u32>,
        /// Prove this row of the history
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
        seq: Option<u64>,
        /// A checkpoint that somebody kept: the history has to go on from there
        #[arg(long, value_name = "FILE")]
        checkpoint: Option<PathBuf>,
        /// The key that is believed [default: the one that the feed names]
        #[arg(long, value_name = "KEY")]
        key: Option<NoteKey>,
    },
    /// Write a proof that a third party checks with the key alone
    ///
    /// The file is a c2sp.org/tlog-proof and has the whole row: who, when, why, what.
    Prove {
        /// Of the row that made this listing what it is
        #[arg(long, value_name = "N", conflicts_with = "seq", required_unless_present = "seq")]
        listing: Option<u32>,
        /// Of this row of the history
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
        seq: Option<u64>,
        /// The proof
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
    /// Check a proof; no authority is needed
    Check {
        /// The proof
        proof: PathBuf,
        /// The log's key, from somebody who is believed
        #[arg(long, value_name = "KEY")]
        key: NoteKey,
    },
}

impl Audit {
    pub(super) fn execute(self, place: &Place) -> Result<ExitCode, Failure> {
        match self {
            Self::Checkpoint => put(audit::published(&place.folder)?.note.trim_end())?,
            Self::Key => put(audit::published(&place.folder)?.key)?,
            Self::Verify { listing, seq, checkpoint, key } => {
                let kept = checkpoint.as_deref().map(read).transpose()?;
                let verified = audit::verify(&place.folder, kept.as_deref(), key.as_ref())?;
                tell(&verified)?;
                if let Some(which) = which(listing, seq) {
                    let (row, proof) = verified.prove(which)?;
                    tell_proof(&row, &proof, &hex::encode(&verified.published.checkpoint.root))?;
                }
                put("it holds")?;
            }
            Self::Prove { listing, seq, output } => {
                let verified = audit::verify(&place.folder, None, None)?;
                if let Some(which) = which(listing, seq) {
                    let (row, proof) = verified.prove(which)?;
                    fs::write(&output, proof.text()).map_err(|error| unwritten(&output, &error))?;
                    put(told(&row))?;
                }
            }
            Self::Check { proof, key } => check(&proof, &key)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn which(listing: Option<u32>, seq: Option<u64>) -> Option<Which> {
    listing.map(Which::Listing).or(seq.map(Which::Row))
}

fn tell(verified: &Verified) -> Result<(), Failure> {
    let published = &verified.published.checkpoint;
    let rows = |count| counted(count, "row");
    put(format_args!("{}; the published checkpoint of {} is theirs", rows(verified.rows()), rows(published.size)))?;
    if let Some((kept, path)) = &verified.kept {
        put(format_args!("the kept checkpoint of {} is theirs too, by a proof of {}", rows(kept.size), path.len()))?;
    }
    Ok(())
}

fn tell_proof(row: &Row, proof: &Proof, root: &str) -> Result<(), Failure> {
    put(told(row))?;
    put(format_args!("leaf {}  {}", proof.index, hex::encode(&leaf_hash(&proof.entry))))?;
    for hash in &proof.path {
        put(format_args!("with  {}", hex::encode(hash)))?;
    }
    put(format_args!("root  {root}"))?;
    Ok(())
}

/// `row 41  2026-11-24T01:00:00Z  mei  rulebook 1: all is met  {"listing":…}`
fn told(row: &Row) -> String {
    let Row { seq, at, who, why, body, .. } = row;
    harmless(&format!("row {seq}  {at}  {who}  {why}  {}", body.as_deref().unwrap_or("gone")))
}

fn check(path: &Path, key: &NoteKey) -> Result<(), Failure> {
    let wrong = |why: String| Failure::new(Exit::Data, format!("`{}`: {why}", path.display()));
    let proof = Proof::parse(&read(path)?).map_err(wrong)?;
    let checkpoint = proof.check(key).map_err(wrong)?;
    put(harmless(&String::from_utf8_lossy(&proof.entry)))?;
    put(format_args!(
        "is leaf {} of the log `{}`, whose first {} rows are signed",
        proof.index, checkpoint.origin, checkpoint.size
    ))?;
    Ok(())
}

/// Longer files are neither checkpoints nor proofs.
const LIMIT: u64 = 16 << 20;

fn read(path: &Path) -> Result<String, Failure> {
    use std::io::Read;
    let mut text = String::new();
    let read = fs::File::open(path).and_then(|file| file.take(LIMIT).read_to_string(&mut text));
    read.map_err(|error| Failure::new(Exit::NoInput, format!("`{}` cannot be read: {error}", path.display())))?;
    Ok(text)
}

fn unwritten(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(Exit::IoError, format!("`{}` cannot be written: {error}", path.display()))
}
