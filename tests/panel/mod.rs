//! The panel over real HTTP on loopback, and in a real browser.

mod browser;
mod door;
mod fake;
mod figures;
mod limits;
mod pages;
mod virtual_board;
