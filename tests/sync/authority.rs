//! A small authority: publishes lists as a repository of signed files, and can be made to publish wrong ones.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;

use ed25519_dalek::{Signer, SigningKey};
use greengate::rules::hex;
use greengate::rules::record::{Line, Meta};
use greengate::store::RecordsWriter;
use greengate::sync::Source;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tough::schema::key::Key;
use tough::schema::{Role, Root, Snapshot, Targets, Timestamp};

use super::{patient, time};
use crate::support::Seeded;

pub struct Authority {
    pub folder: TempDir,
    /// Seeds of the root's keys.
    pub root_keys: Vec<u8>,
    /// Which of them sign the next root.
    pub root_signers: Vec<u8>,
    /// The seed of each role's key, as the root names it.
    pub keys: BTreeMap<&'static str, u8>,
    /// The seed of the key that really signs.
    pub signers: BTreeMap<&'static str, u8>,
    /// When each role expires.
    pub expires: BTreeMap<&'static str, String>,
    pub root_version: u64,
    /// The version of targets, snapshot and timestamp.
    pub version: u64,
    pub issued: String,
    pub targets: Map<String, Value>,
}

const ROLES: [&str; 3] = ["targets", "snapshot", "timestamp"];

impl Authority {
    /// One that has published list 1.
    pub fn new() -> Self {
        let roles: BTreeMap<&str, u8> = ROLES.into_iter().zip(11..).collect();
        let expires =
            ["root", "targets", "snapshot", "timestamp"].map(|role| (role, "2026-12-24T00:00:00Z".to_owned()));
        let mut authority = Self {
            folder: TempDir::new().expect("a folder"),
            root_keys: vec![1, 2, 3],
            root_signers: vec![1, 2],
            keys: roles.clone(),
            signers: roles,
            expires: expires.into(),
            root_version: 0,
            version: 0,
            issued: "2026-11-24T01:00:00Z".to_owned(),
            targets: Map::new(),
        };
        for folder in ["metadata", "targets"] {
            std::fs::create_dir(authority.folder.path().join(folder)).expect("a folder");
        }
        authority.publish_root();
        authority.snapshot(1);
        authority.publish();
        authority
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
        let part = self.path("targets", "part");
        let mut writer = RecordsWriter::new(File::create(&part).expect("a file")).expect("a writer");
        writer.line(&Line::Meta(Meta { from, to, issued: time(&self.issued) })).expect("a line");
        for line in lines {
            writer.line(&serde_json::from_value(line.clone()).expect("a record")).expect("a line");
        }
        let (_, expected) = writer.finish().expect("an end");
        let published = format!("{}.{name}", hex::encode(&expected.sha256));
        std::fs::rename(part, self.path("targets", &published)).expect("a file that can be renamed");
        let custom = json!({"from": from, "to": to, "issued": self.issued});
        let target =
            json!({"length": expected.length, "hashes": {"sha256": hex::encode(&expected.sha256)}, "custom": custom});
        self.targets.insert(name.to_owned(), target);
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
        for (role, seed) in &self.keys {
            keys.insert(key_id(*seed), key(*seed));
            roles[role] = json!({"keyids": [key_id(*seed)], "threshold": 1});
        }
        let more = json!({"consistent_snapshot": true, "keys": keys, "roles": roles});
        let text = signed::<Root>(&self.role("root", version, &more), &self.root_signers);
        super::write(&self.path("metadata", &format!("{name}.root.json")), text);
    }

    /// Targets, snapshot and timestamp, each one version up.
    pub fn publish(&mut self) {
        self.version += 1;
        let targets = self.role("targets", self.version, &json!({"targets": self.targets}));
        let targets = signed::<Targets>(&targets, &[self.signers["targets"]]);
        super::write(&self.path("metadata", &format!("{}.targets.json", self.version)), &targets);
        let meta = json!({"meta": {"targets.json": listed(&targets, self.version)}});
        let snapshot = signed::<Snapshot>(&self.role("snapshot", self.version, &meta), &[self.signers["snapshot"]]);
        super::write(&self.path("metadata", &format!("{}.snapshot.json", self.version)), &snapshot);
        self.publish_timestamp(self.version);
    }

    /// A timestamp of this version over the newest snapshot.
    pub fn publish_timestamp(&self, version: u64) {
        let path = self.path("metadata", &format!("{}.snapshot.json", self.version));
        let snapshot = std::fs::read(path).expect("a snapshot");
        let meta = json!({"meta": {"snapshot.json": listed(&snapshot, self.version)}, "x-issued": self.issued});
        let text = signed::<Timestamp>(&self.role("timestamp", version, &meta), &[self.signers["timestamp"]]);
        super::write(&self.path("metadata", "timestamp.json"), text);
    }

    fn role(&self, role: &str, version: u64, more: &Value) -> Value {
        let mut value =
            json!({"_type": role, "spec_version": "1.0.0", "version": version, "expires": self.expires[role]});
        let fields = value.as_object_mut().expect("an object");
        fields.extend(more.as_object().expect("an object").clone());
        value
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

fn key(seed: u8) -> Value {
    json!(tuf_key(seed))
}

fn key_id(seed: u8) -> String {
    hex::encode(&tuf_key(seed).key_id().expect("a key's number"))
}

fn listed(text: &[u8], version: u64) -> Value {
    json!({"length": text.len(), "hashes": {"sha256": hex::encode(&Sha256::digest(text))}, "version": version})
}

fn signed<T: Role + DeserializeOwned + Serialize>(role: &Value, signers: &[u8]) -> Vec<u8> {
    let typed: T = serde_json::from_value(role.clone()).expect("a role");
    let bytes = typed.canonical_form().expect("a canonical form");
    let sign =
        |seed: &u8| json!({"keyid": key_id(*seed), "sig": hex::encode(&signing_key(*seed).sign(&bytes).to_bytes())});
    let signatures: Vec<Value> = signers.iter().map(sign).collect();
    serde_json::to_vec(&json!({"signed": role, "signatures": signatures})).expect("JSON")
}
