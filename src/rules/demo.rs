//! The demo world's keys. Their secrets are in the source, so they prove nothing: only a kiosk of the demo world
//! believes them.

use std::sync::LazyLock;

use ed25519_dalek::SigningKey;

/// A key of the demo world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DemoKey {
    /// Signs the demo's good labels.
    Authority,
    /// Was cut off.
    CutOff,
    /// Is nobody's: the demo's forged labels.
    Forger,
}

impl DemoKey {
    /// The slot that labels of this key name. The forger names the authority's.
    #[must_use]
    pub const fn slot(self) -> u16 {
        match self {
            Self::Authority | Self::Forger => 1,
            Self::CutOff => 2,
        }
    }

    /// The secret that everyone knows.
    #[must_use]
    pub fn signing_key(self) -> SigningKey {
        SigningKey::from_bytes(match self {
            Self::Authority => b"greengate demo key: not for real",
            Self::CutOff => b"greengate demo key: was cut off.",
            Self::Forger => b"greengate demo key: of a forger.",
        })
    }

    /// The public key.
    #[must_use]
    pub fn public(self) -> [u8; 32] {
        self.signing_key().verifying_key().to_bytes()
    }
}

/// Whether `public` is one of the demo world's keys, which a real site refuses.
#[must_use]
pub fn is_demo_key(public: &[u8; 32]) -> bool {
    static PUBLIC: LazyLock<[[u8; 32]; 3]> =
        LazyLock::new(|| [DemoKey::Authority, DemoKey::CutOff, DemoKey::Forger].map(DemoKey::public));
    PUBLIC.contains(public)
}
