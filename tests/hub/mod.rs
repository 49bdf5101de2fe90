//! The authority: what it knows, signs and publishes.

mod publish;
