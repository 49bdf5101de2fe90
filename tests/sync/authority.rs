//! A small authority: publishes lists as a repository of signed files, and can be made to publish wrong ones.

use std::collections::BTreeMap;
use std::path::PathBuf;

use ed25519_dalek::{Signer, SigningKey};
use greengate::rules::hex;
use greengate::rules::record::{Line, Meta};
use greengate::store::RecordsWriter;
use greengate::sync::Source;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tough::schema::key::Key;
use tough::schema::{Role, Root, Snapshot, Targets, Timestamp};

use super::{patient, time};
use crate::support::Seeded;

/// Changes metadata before it is signed.
pub type Edit = fn(&mut Value);
/// Changes metadata after it was signed.
pub type Forgery = fn(Vec<u8>) -> Vec<u8>;

pub struct Authority {
    pub folder: TempDir,
    /// Seeds of the root's keys.
    pub root_keys: Vec<u8>,
    /// Which of them sign the next root.
    pub root_signers: Vec<u8>,
    /// The seeds of each role's keys, as the root names them. All of them have to sign.
    pub keys: BTreeMap<&'static str, Vec<u8>>,
    /// The seeds of the keys that really sign.
    pub signers: BTreeMap<&'static str, Vec<u8>>,
    /// When each role expires.
    pub expires: BTreeMap<&'static str, String>,
    pub root_version: u64,
    /// Of targets, snapshot and timestamp.
    pub versions: BTreeMap<&'static str, u64>,
    pub issued: String,
    pub targets: Map<String, Value>,
    /// What is done to roles of all further publications.
    pub edits: BTreeMap<&'static str, Edit>,
    pub forgeries: BTreeMap<&'static str, Forgery>,
}

const ROLES: [&str; 3] = ["targets", "snapshot", "timestamp"];

impl Authority {
    /// One that has published list 1.
    pub fn new() -> Self {
        let mut authority = Self::silent();
        authority.publish_root();
        authority.snapshot(1);
        authority.publish();
        authority
    }

    /// One that has published nothing.
    pub fn silent() -> Self {
        let roles: BTreeMap<&str, Vec<u8>> = ROLES.into_iter().zip((11..).map(|seed| vec![seed])).collect();
        let expires =
            ["root", "targets", "snapshot", "timestamp"].map(|role| (role, "2026-12-24T00:00:00Z".to_owned()));
        let folder = TempDir::new().expect("a folder");
        for name in ["metadata", "targets"] {
            std::fs::create_dir(folder.path().join(name)).expect("a folder");
        }
        Self {
            folder,
            root_keys: vec![1, 2, 3],
            root_signers: vec![1, 2],
            keys: roles.clone(),
            signers: roles,
            expires: expires.into(),
            root_version: 0,
            versions: ROLES.into_iter().map(|role| (role, 0)).collect(),
            issued: "2026-11-24T01:00:00Z".to_owned(),
            targets: Map::new(),
            edits: BTreeMap::new(),
            forgeries: BTreeMap::new(),
        }
    }

    pub fn source(&self) -> Source {
        Source::folder(self.folder.path()).with_pace(patient())
    }

    pub fn path(&self, folder: &str, name: &str) -> PathBuf {
        self.folder.path().join(folder).join(name)
    }

    pub fn root(&self, version: u64) -> Vec<u8> {
        std::fs::read(self.path("metadata", &format!("{version}.root.json"))).expect("a root")
    }

    /// A list as a whole.
    pub fn snapshot(&mut self, to: u64) -> String {
        self.add(&format!("snapshot-{to}.jsonl.zst"), 0, to, &list(to))
    }

    /// What has changed since the list before.
    pub fn delta(&mut self, from: u64, to: u64) -> String {
        self.add(&format!("delta-{from}-{to}.jsonl.zst"), from, to, &[reason(500)])
    }

    /// A file of records with these lines behind its meta. Gives its name in the folder.
    pub fn add(&mut self, name: &str, from: u64, to: u64, lines: &[Value]) -> String {
        let mut writer = RecordsWriter::new(Vec::new()).expect("a writer");
        writer.line(&Line::Meta(Meta { from, to, issued: time(&self.issued) })).expect("a line");
        for line in lines {
            writer.line(&serde_json::from_value(line.clone()).expect("a record")).expect("a line");
        }
        self.add_file(name, from, to, &writer.finish().expect("an end").0)
    }

    /// A file that is said to be one of records.
    pub fn add_file(&mut self, name: &str, from: u64, to: u64, bytes: &[u8]) -> String {
        let digest = hex::encode(&Sha256::digest(bytes));
        let custom = json!({"from": from, "to": to, "issued": self.issued});
        let target = json!({"length": bytes.len(), "hashes": {"sha256": digest}, "custom": custom});
        self.targets.insert(name.to_owned(), target);
        let published = format!("{digest}.{name}");
        super::write(&self.path("targets", &published), bytes);
        published
    }

    /// The next root.
    pub fn publish_root(&mut self) {
        self.root_version += 1;
        self.publish_root_as(self.root_version, self.root_version);
    }

    /// A root of this version under the name of another one.
    pub fn publish_root_as(&self, version: u64, name: u64) {
        let ids: Vec<String> = self.root_keys.iter().map(|seed| key_id(*seed)).collect();
        let mut roles = json!({"root": {"keyids": ids, "threshold": 2}});
        let mut keys: Map<String, Value> = self.root_keys.iter().map(|seed| (key_id(*seed), key(*seed))).collect();
        for (role, seeds) in &self.keys {
            keys.extend(seeds.iter().map(|seed| (key_id(*seed), key(*seed))));
            let ids: Vec<String> = seeds.iter().map(|seed| key_id(*seed)).collect();
            roles[role] = json!({"keyids": ids, "threshold": ids.len()});
        }
        let more = json!({"consistent_snapshot": true, "keys": keys, "roles": roles});
        let text = self.signed::<Root>("root", version, &more, &self.root_signers);
        super::write(&self.path("metadata", &format!("{name}.root.json")), text);
    }

    /// Targets, snapshot and timestamp, each one version up.
    pub fn publish(&mut self) {
        self.versions.values_mut().for_each(|version| *version += 1);
        self.write();
    }

    /// Targets, snapshot and timestamp with their versions as they are.
    pub fn write(&self) {
        let [targets, snapshot, timestamp] = ROLES.map(|role| self.versions[role]);
        let listed = json!({"targets": self.targets});
        let text = self.signed::<Targets>("targets", targets, &listed, &self.signers["targets"]);
        super::write(&self.path("metadata", &format!("{targets}.targets.json")), &text);
        let meta = json!({"meta": {"targets.json": self::listed(&text, targets)}});
        let text = self.signed::<Snapshot>("snapshot", snapshot, &meta, &self.signers["snapshot"]);
        super::write(&self.path("metadata", &format!("{snapshot}.snapshot.json")), &text);
        self.publish_timestamp(timestamp);
    }

    /// A timestamp of this version over the newest snapshot.
    pub fn publish_timestamp(&self, version: u64) {
        let snapshot = self.versions["snapshot"];
        let text = std::fs::read(self.path("metadata", &format!("{snapshot}.snapshot.json"))).expect("a snapshot");
        let meta = json!({"meta": {"snapshot.json": listed(&text, snapshot)}, "x-issued": self.issued});
        let text = self.signed::<Timestamp>("timestamp", version, &meta, &self.signers["timestamp"]);
        super::write(&self.path("metadata", "timestamp.json"), text);
    }

    fn signed<T: Role + DeserializeOwned>(&self, role: &str, version: u64, more: &Value, signers: &[u8]) -> Vec<u8> {
        let mut value =
            json!({"_type": role, "spec_version": "1.0.0", "version": version, "expires": self.expires[role]});
        value.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        if let Some(edit) = self.edits.get(role) {
            edit(&mut value);
        }
        let text = signed::<T>(&value, signers);
        self.forgeries.get(role).map_or(text.clone(), |forge| forge(text))
    }
}

/// A list with enough in it that its file has a few thousand bytes.
fn list(version: u64) -> Vec<Value> {
    let key = json!({"put": {"key": {"slot": 1, "public": "01".repeat(32)}}});
    let mut random = Seeded::new(version);
    let mut reasons: Vec<Value> = (1..=200).map(reason).collect();
    for reason in &mut reasons {
        reason["put"]["reason"]["text"]["en"] = format!("{:x}{:x}", random.next(), random.next()).into();
    }
    [vec![key], reasons].concat()
}

pub fn reason(id: u32) -> Value {
    json!({"put": {"reason": {"id": id, "text": {"zh": "原因", "en": "reason"}}}})
}

fn signing_key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn tuf_key(seed: u8) -> Key {
    let public = hex::encode(signing_key(seed).verifying_key().as_bytes());
    public.parse().expect("a key")
}

pub fn key(seed: u8) -> Value {
    json!(tuf_key(seed))
}

pub fn key_id(seed: u8) -> String {
    hex::encode(&tuf_key(seed).key_id().expect("a key's number"))
}

fn listed(text: &[u8], version: u64) -> Value {
    json!({"length": text.len(), "hashes": {"sha256": hex::encode(&Sha256::digest(text))}, "version": version})
}

fn signed<T: Role + DeserializeOwned>(role: &Value, signers: &[u8]) -> Vec<u8> {
    let typed: T = serde_json::from_value(role.clone()).expect("a role");
    let bytes = typed.canonical_form().expect("a canonical form");
    let sign =
        |seed: &u8| json!({"keyid": key_id(*seed), "sig": hex::encode(&signing_key(*seed).sign(&bytes).to_bytes())});
    let signatures: Vec<Value> = signers.iter().map(sign).collect();
    serde_json::to_vec(&json!({"signed": role, "signatures": signatures})).expect("JSON")
}
