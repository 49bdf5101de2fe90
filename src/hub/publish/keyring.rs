//! The keys as people look at them, and label keys that are cut off.

use serde::Serialize;
use tough::schema::Root;

use super::feed::Feed;
use super::{log, root};
use crate::hub::keys::{Kept, KeyName, Keys};
use crate::hub::{Author, Home, HubFault, Registry};
use crate::rules::hex;
use crate::rules::record::{Key, Record, RecordKey};

/// The highest slot of a label key.
const LAST_SLOT: u16 = 4095;

/// A key, as people look at it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeyRow {
    /// Its name, which its file has too.
    pub name: String,
    /// How its file lies there.
    pub kept: Kept,
    /// For a key of the feed its identity in the root, for a label key its public half, hex; for the audit log's as C2SP
    /// writes it, once something is signed with it.
    pub public: String,
    /// The index from which on a label key's labels are refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cut_off: Option<u32>,
}

/// All keys of an authority; none of them is opened.
///
/// # Errors
/// There is no authority, or its feed or a key file cannot be read.
pub fn keyring(authority: impl Into<Home>, keys: &Keys) -> Result<Vec<KeyRow>, HubFault> {
    let authority = &authority.into();
    let registry = Registry::open(authority)?;
    let root: Root = Feed::open(authority)?.root;
    let mut rows = Vec::new();
    for name in KeyName::OF_THE_FEED {
        let public = root::listed(&root, name).map_or_else(String::new, |id| hex::encode(id));
        rows.push(KeyRow { name: name.to_string(), kept: keys.kept(name)?, public, cut_off: None });
    }
    let audit = log::checkpoint_of(authority)?.map_or_else(String::new, |signed| signed.key.to_string());
    rows.push(KeyRow {
        name: KeyName::Audit.to_string(),
        kept: keys.kept(KeyName::Audit)?,
        public: audit,
        cut_off: None,
    });
    for Key { slot, public, cut_off } in slots(&registry)? {
        let name = KeyName::Label(slot);
        rows.push(KeyRow { name: name.to_string(), kept: keys.kept(name)?, public: hex::encode(&public), cut_off });
    }
    Ok(rows)
}

/// Refuses the labels of a slot from `index` on, from the next publish; an index of 0 refuses them all.
///
/// # Errors
/// There is no such slot, or it is cut off at a lower index already.
pub fn cut_off(authority: impl Into<Home>, author: &Author, slot: u16, index: u32) -> Result<(), HubFault> {
    Registry::open(authority)?.change(author, |changes| {
        let Some(Record::Key(key)) = changes.record(Some(RecordKey::Key(slot)))? else {
            return Err(HubFault::Refused(format!("there is no key in slot {slot}")));
        };
        match key.cut_off {
            // Labels that were refused must not turn green again.
            Some(at) if at < index => {
                Err(HubFault::Refused(format!("slot {slot} is cut off at index {at} already; give a lower one")))
            }
            Some(_) | None => changes.put(&Record::Key(Key { cut_off: Some(index), ..key })),
        }
    })
}

/// The label keys that the registry knows, by slot.
pub fn slots(registry: &Registry) -> Result<Vec<Key>, HubFault> {
    let mut keys = Vec::new();
    for slot in 0..=LAST_SLOT {
        if let Some(Record::Key(key)) = registry.record(Some(RecordKey::Key(slot)))? {
            keys.push(key);
        }
    }
    Ok(keys)
}
