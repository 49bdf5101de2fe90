//! Any file as an upload: told to be one of three forms or refused, never a panic; and what is told holds at both ends.
#![no_main]

use greengate::hub::files::form_of;
use greengate::rules::dossier::FileForm;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let head = &input[..input.len().min(24)];
    let tail = &input[input.len().saturating_sub(1024)..];
    let Ok(form) = form_of(head, tail) else { return };
    let (begins, ends): (&[u8], &[u8]) = match form {
        FileForm::Pdf => (b"%PDF-", b"%%EOF"),
        FileForm::Jpeg => (b"\xff\xd8\xff", b"\xff\xd9"),
        FileForm::Png => (b"\x89PNG\r\n\x1a\n", b"IEND\xae\x42\x60\x82"),
    };
    assert!(input.starts_with(begins) && input.trim_ascii_end().ends_with(ends.trim_ascii_end()));
});
