//! A proof that a third party checks with the log's key alone (c2sp.org/tlog-proof): the entry, its place, the way to the
//! root, and the signed checkpoint. The entry is what C2SP calls extra data, as it is; nothing is believed of it but what
//! the proof shows.

use base64::prelude::{BASE64_STANDARD, Engine};

use super::checkpoint::Checkpoint;
use super::note::NoteKey;
use super::tree::{Hash, leaf_hash, root_of};

/// The first line.
const HEAD: &str = "c2sp.org/tlog-proof@v1";
/// A proof has no more hashes than a tree has levels.
const PATH_LIMIT: usize = 63;

/// A proof that an entry is in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The entry's bytes.
    pub entry: Vec<u8>,
    /// The leaf's place, counting from 0.
    pub index: usize,
    /// The hashes from the leaf to the root.
    pub path: Vec<Hash>,
    /// The signed checkpoint.
    pub checkpoint: String,
}

impl Proof {
    /// As a file.
    #[must_use]
    pub fn text(&self) -> String {
        let Self { entry, index, path, checkpoint } = self;
        let path: String = path.iter().map(|hash| BASE64_STANDARD.encode(hash) + "\n").collect();
        format!("{HEAD}\nextra {}\nindex {index}\n{path}\n{checkpoint}", BASE64_STANDARD.encode(entry))
    }

    /// Reads a file.
    ///
    /// # Errors
    /// It is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let none = || format!("it is no proof; its first line is `{HEAD}`, then come `extra` and `index`");
        let (head, checkpoint) = text.split_once("\n\n").ok_or_else(none)?;
        let mut lines = head.lines();
        let (first, extra, index) = (lines.next(), lines.next(), lines.next());
        if first != Some(HEAD) {
            return Err(none());
        }
        let entry = extra.and_then(|line| BASE64_STANDARD.decode(line.strip_prefix("extra ")?).ok());
        let index = index.and_then(|line| line.strip_prefix("index ")?.parse().ok());
        let path = lines.map(|line| BASE64_STANDARD.decode(line).ok()?.try_into().ok());
        let path: Option<Vec<Hash>> = path.take(PATH_LIMIT + 1).collect();
        let (Some(entry), Some(index), Some(path)) = (entry, index, path) else { return Err(none()) };
        Ok(Self { entry, index, path, checkpoint: checkpoint.to_owned() })
    }

    /// Checks it against the log's key, and tells the checkpoint that it holds in.
    ///
    /// # Errors
    /// Another key signed the checkpoint, or the entry is not in its log.
    pub fn check(&self, key: &NoteKey) -> Result<Checkpoint, String> {
        let checkpoint = Checkpoint::open(&self.checkpoint, key).map_err(|why| format!("the checkpoint: {why}"))?;
        let root = root_of(leaf_hash(&self.entry), self.index, checkpoint.size, &self.path);
        if root == Some(checkpoint.root) {
            return Ok(checkpoint);
        }
        Err("the entry is not in the log that the checkpoint is of".to_owned())
    }
}
