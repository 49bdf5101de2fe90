//! The boards that are shipped with a panel: what leaves for it is what was painted.

use greengate::config;
use greengate::rules::board::{Board, Judge, Output};

use super::{goldens, oleds, panels};

fn boards() -> impl Iterator<Item = Board> {
    let text = |name| config::builtin_board(name).expect("a board");
    config::BUILTIN_BOARDS.into_iter().map(move |name| config::board_text(name, text(name)).expect("a board"))
}

/// Whether a board's panel was heard to show the painter's pictures of its size.
fn is_heard(board: &Board) -> bool {
    let size = board.display.size;
    let pictures = || -> Vec<_> {
        let goldens = goldens(&format!("{}x{}", size.width, size.height));
        goldens.into_iter().map(|(_, image)| image).collect()
    };
    match &board.display.output {
        Output::Spi(panel) => panels::shows(panel, &pictures()),
        Output::I2c(panel) => oleds::shows(panel, &pictures()),
        Output::Panel | Output::Png { .. } | Output::Hdmi { .. } | Output::Framebuffer { .. } => return false,
    }
    true
}

#[test]
fn a_board_says_that_its_bytes_were_heard_if_and_only_if_they_are_here() {
    for board in boards() {
        let says = board.verified.is_some_and(|verified| verified.by == Judge::ByteStream);
        assert_eq!(is_heard(&board), says, "`{}`", board.name);
    }
}
