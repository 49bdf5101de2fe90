//! The quality code: a GS1 Digital Link that carries the authority's signature as a path stem (DESIGN, "The label").
//!
//! A text becomes a [`SignedLabel`] in [`parse`], which believes nothing, and a [`VerifiedLabel`] in [`verify`], which
//! is the only road there. Both ends, signing and verifying, check the same grammar on the same values, so a label
//! that was put together in memory cannot say in its signed bytes what it does not say in its fields.

mod grammar;
mod stem;

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use super::code::{Header, Product, Refusal, SignedLabel};
use super::record::Key;

pub use grammar::{is_element, is_host, parse};

/// What the signed bytes begin with, so that a signature can never be taken for one of another kind.
const DOMAIN: &[u8] = b"QGC1";

/// A label whose signature the authority's key made.
///
/// ```compile_fail
/// # use greengate::rules::{code::SignedLabel, label::VerifiedLabel};
/// fn believe(label: SignedLabel) -> VerifiedLabel {
///     VerifiedLabel { header: label.header, product: label.product }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedLabel {
    header: Header,
    product: Product,
}

impl VerifiedLabel {
    /// What the authority signed about the code.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// What the code is stuck on.
    #[must_use]
    pub const fn product(&self) -> &Product {
        &self.product
    }
}

/// Verifies a label with the key of its slot, `None` where there is no such key.
///
/// # Errors
/// [`Refusal::KeyUnknown`] without a usable key of this very slot, [`Refusal::KeyCutOff`] from the key's cut-off on,
/// [`Refusal::Signature`] where the signature does not fit, and the refusals of [`sign`] for a label that no text
/// could have brought.
pub fn verify(label: &SignedLabel, key: Option<&Key>) -> Result<VerifiedLabel, Refusal> {
    let header = grammar::checked(&label.header, &label.product)?;
    let key = key.filter(|key| key.slot == label.header.key_slot).ok_or(Refusal::KeyUnknown)?;
    if key.cut_off.is_some_and(|cut_off| label.header.index >= cut_off) {
        return Err(Refusal::KeyCutOff);
    }
    let public = VerifyingKey::from_bytes(&key.public).map_err(|_| Refusal::KeyUnknown)?;
    // Strict, because under a key of small order one signature would fit every text.
    public
        .verify_strict(&signed_bytes(header, &label.product), &Signature::from_bytes(&label.signature))
        .map_err(|_| Refusal::Signature)?;
    Ok(VerifiedLabel { header: label.header, product: label.product.clone() })
}

/// Signs a label.
///
/// # Errors
/// [`Refusal::Header`] for a key slot or a date that the header has no room for, [`Refusal::Element`] and
/// [`Refusal::Scope`] for a product that a label cannot carry.
pub fn sign(header: &Header, product: &Product, key: &SigningKey) -> Result<SignedLabel, Refusal> {
    let bytes = grammar::checked(header, product)?;
    let signature = key.sign(&signed_bytes(bytes, product)).to_bytes();
    Ok(SignedLabel { header: *header, signature, product: product.clone() })
}

/// What makes a label the same label: all that its stem and its elements say, wherever its host leads.
pub(super) fn identity(label: &SignedLabel) -> Vec<u8> {
    let header = stem::header_bytes(&label.header).unwrap_or_default();
    [&header, &label.signature[..], label.product.canonical().as_bytes()].concat()
}

fn signed_bytes(header: stem::HeaderBytes, product: &Product) -> Vec<u8> {
    [DOMAIN, &header, product.canonical().as_bytes()].concat()
}
