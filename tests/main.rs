//! All integration tests are one program, so that the crate is linked once.
mod screen;
