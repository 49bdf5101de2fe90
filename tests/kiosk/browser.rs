//! The whole kiosk in a real browser: a label is held up on the page, read from the frame, judged and written down.

use std::thread;

use greengate::config;
use greengate::kiosk::{Kiosk, Setup, Shelf};
use greengate::rules::entry::What;
use greengate::rules::ruling::Outcome;
use greengate::rules::site::{PanelSettings, Site};
use greengate::store::Journal;
use tempfile::tempdir;

use super::headless::today;
use crate::support::browser::{Browser, Page};

const LOADED: &str = "document.querySelectorAll('.label').length > 20 && !document.body.classList.contains('stale')";
/// As the page itself sees it: on a busy machine the lamps of the test at the start reach it late.
const READY: &str = "document.getElementById('screen').getAttribute('aria-label') === 'ready'";

/// Holds a label up until this lamp was lit, and gives the verdict that is then the journal's newest.
fn hold_up(page: &mut Page<'_>, id: &str, lamp: &str, journal: &std::path::Path) -> (Outcome, &'static str) {
    page.eval(
        "{ window.lit = []; const tower = document.getElementById('tower'); new MutationObserver(() => \
         window.lit.push(tower.dataset.lit)).observe(tower, {attributeFilter: ['data-lit']}); } 0",
    );
    page.click(&format!(".label[data-id={id}]"), 0);
    page.wait_for(&format!("window.lit.includes('{lamp}')"));
    let journal = Journal::open_read_only(journal).expect("the journal");
    let newest = journal.recent(1).expect("a row").pop().expect("a row");
    let What::Verdict(judgement) = newest.entry.what else { panic!("{newest:?} is no verdict") };
    (judgement.outcome, judgement.ruling.slug())
}

#[test]
fn a_label_held_up_on_the_page_lights_its_lamp_and_is_in_the_journal() {
    let Some(mut browser) = Browser::start() else { return };
    let folder = tempdir().expect("a folder");
    let world = today();
    greengate::kiosk::demo::load(folder.path(), &world).expect("the demo world");
    let panel = PanelSettings { listen: ([127, 0, 0, 1], 0).into(), token: None };
    let site = Site { state: folder.path().to_owned(), panel: Some(panel), ..config::builtin_site() };
    let board = config::board_text("sim", config::builtin_board("sim").expect("the board")).expect("the board");
    let kiosk = Kiosk::open(Setup { board, site, rack: world.rack, recorder: None }).expect("a kiosk");
    let (address, stopper) = (kiosk.address().expect("a panel"), kiosk.stopper());
    let running = thread::spawn(move || kiosk.run());

    let mut page = browser.page(1440, 900);
    page.open(&format!("http://{address}/"));
    page.wait_for(LOADED);
    page.wait_for(READY);
    let journal = Shelf::journal_path(folder.path());
    assert_eq!(hold_up(&mut page, "tea", "green", &journal), (Outcome::Accept, "accept"));
    assert_eq!(hold_up(&mut page, "conditioner", "yellow", &journal), (Outcome::Hold, "missing-documents"));
    assert_eq!(hold_up(&mut page, "forged-copy", "red", &journal), (Outcome::Reject, "forged"));
    assert_eq!(page.complaints(), Vec::<String>::new());

    stopper.stop();
    running.join().expect("the loop ends").expect("in good order");
    greengate::store::journal::verify(&journal).expect("a whole chain");
}
