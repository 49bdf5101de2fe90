//! A supplier's desk as a browser has it: what is filed, what is told, and what a hostile file gets.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use greengate::hub::document::{self, date};
use greengate::hub::web::Pace;
use greengate::hub::{assess, grade};
use greengate::rules::account::Role;
use greengate::rules::dossier::DocumentState;

use super::assess::{assets, office};
use super::people::{Pages, Person};
use super::service::Answer;

const OURS: u32 = 2001;
const THEIRS: u32 = 2003;
const BOUNDARY: &str = "----desk";

fn pages() -> Pages {
    let (folder, registry) = office();
    drop(registry);
    Pages::over(folder)
}

fn wang(pages: &Pages) -> Person<'_> {
    pages.person("wang", Role::Supplier(201))
}

/// A form with a file, as browsers write it.
fn multipart(fields: &[(&str, &str)], file: Option<(&str, &[u8])>) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, text) in fields {
        let part = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n");
        body.extend(part.into_bytes());
    }
    if let Some((name, bytes)) = file {
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: application/pdf\r\n\r\n"
        );
        body.extend(head.into_bytes());
        body.extend(bytes);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").into_bytes());
    body
}

fn send(person: &Person<'_>, listing: u32, body: &[u8]) -> Answer {
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    person.post_bytes(&format!("/desk/listing/{listing}/file"), &kind, body)
}

fn report(pages: &Pages) -> Vec<(&'static str, String)> {
    let today = date(&pages.author()).to_string();
    let fields =
        [("kind", "inspection-report"), ("number", "QX-26-1101"), ("issuer", "钱塘检测"), ("lead-value", "<0.1")];
    let fields = fields.map(|(name, text)| (name, text.to_owned()));
    fields.into_iter().chain([("lead-unit", "mg/kg".to_owned()), ("issued", today)]).collect()
}

/// Files a report with this file.
fn upload(pages: &Pages, person: &Person<'_>, name: &str, bytes: &[u8]) -> Answer {
    upload_with(pages, person, &[], (name, bytes))
}

/// The same with more fields.
fn upload_with(pages: &Pages, person: &Person<'_>, more: &[(&str, &str)], file: (&str, &[u8])) -> Answer {
    let (csrf, report) = (person.csrf(), report(pages));
    let fields = report.iter().map(|(name, text)| (*name, text.as_str()));
    let fields = [("csrf", csrf.as_str())].into_iter().chain(fields).chain(more.iter().copied());
    send(person, OURS, &multipart(&fields.collect::<Vec<_>>(), Some(file)))
}

fn stored(pages: &Pages) -> Vec<PathBuf> {
    let Ok(folders) = fs::read_dir(pages.folder.path().join("documents")) else { return Vec::new() };
    let entries = folders.map(|entry| entry.expect("readable").path());
    let files = entries.flat_map(|path| match fs::read_dir(&path) {
        Ok(files) => files.map(|file| file.expect("readable").path()).collect(),
        Err(_) => vec![path],
    });
    files.collect()
}

fn count(pages: &Pages) -> usize {
    pages.registry().documents(Some(OURS)).expect("readable").len()
}

#[test]
fn a_supplier_files_a_product_and_its_report_and_sees_what_the_officer_says() {
    let pages = pages();
    let wang = wang(&pages);
    assert!(wang.get("/desk?lang=en").text().contains("Tea seed shampoo 500 ml"));
    assert!(wang.get("/desk/new").text().contains("/desk/new?category=childrens-snacks"));
    let form = wang.get("/desk/new?category=shampoo");
    assert!(form.text().contains("tag-special") && form.text().contains("declared-quality-control"));
    let filed = wang.post(
        "/desk/new",
        &[
            ("category", "shampoo"),
            ("gtin", "0952111000205 6"),
            ("name_zh", "姜汁洗发水"),
            ("declared-production", "9,000 a day"),
        ],
    );
    assert_eq!((filed.status, filed.header("location")), (303, "/desk/listing/2005"), "{}", filed.text());
    let page = wang.get("/desk/listing/2005");
    for told in
        ["Cosmetics filing", "≤ 10 mg/kg", "9,000 a day", "/desk/listing/2005/file?kind=inspection-report", "due "]
    {
        assert!(page.text().contains(told), "{told}: {}", page.text());
    }
    let sent = upload(&pages, &wang, "report.pdf", &fs::read(assets("report.pdf")).expect("a PDF"));
    assert_eq!((sent.status, sent.header("location")), (303, "/desk/listing/2001"), "{}", sent.text());
    assert!(wang.get("/desk/listing/2001").text().contains("being examined"));
    let blurred = DocumentState::Refused("page 2 is blurred".to_owned());
    document::judge(&mut pages.registry(), &pages.author(), 14, blurred).expect("a document");
    let page = wang.get("/desk/listing/2001");
    assert!(page.text().contains("page 2 is blurred"), "{}", page.text());
    grade::revoke(&mut pages.registry(), &pages.author(), 2001, 220).expect("a listing");
    let red = wang.get("/desk/listing/2001");
    assert!(red.text().contains("Why it is red") && red.text().contains("Not assessed yet"), "{}", red.text());
    assert!(wang.get("/desk/listing/2001/file?kind=inspection-report&replaces=14").text().contains("QX-26-1101"));
}

#[test]
fn what_is_wrong_is_told_where_it_was_typed_and_nothing_is_filed() {
    let pages = pages();
    let wang = wang(&pages);
    wang.get("/desk?lang=en");
    let wrong = wang.post("/desk/new", &[("category", "shampoo"), ("gtin", "09521110002057"), ("brick", "12")]);
    assert_eq!(wrong.status, 422);
    for told in
        ["id=\"gtin-wrong\"", "id=\"name_zh-wrong\"", "id=\"brick-wrong\"", "value=\"09521110002057\"", "aria-invalid"]
    {
        assert!(wrong.text().contains(told), "{told}: {}", wrong.text());
    }
    let again = wang.post("/desk/new", &[("category", "shampoo"), ("gtin", "09521110002018"), ("name_en", "Twice")]);
    assert_eq!(again.status, 422);
    assert!(
        again.text().contains("a supplier&#39;s product has one listing") || again.text().contains("has one listing")
    );
    assert_eq!(pages.registry().listings_by(201).expect("readable").len(), 2);
    let before = count(&pages);
    let csrf = wang.csrf();
    let body = multipart(
        &[("csrf", &csrf), ("kind", "inspection-report"), ("issued", "2099-01-01"), ("lead-value", "ND")],
        None,
    );
    let wrong = send(&wang, OURS, &body);
    assert_eq!(wrong.status, 422);
    for field in ["number", "issuer", "issued", "lead-value", "file"] {
        assert!(wrong.text().contains(&format!("id=\"{field}-wrong\"")), "{field}: {}", wrong.text());
    }
    assert_eq!((count(&pages), stored(&pages).len()), (before, 0));
}

#[test]
fn a_document_that_the_registry_refuses_comes_back_with_what_was_typed() {
    let pages = pages();
    let wang = wang(&pages);
    wang.get("/desk?lang=en");
    let pdf = fs::read(assets("report.pdf")).expect("a PDF");
    assert_eq!(upload(&pages, &wang, "report.pdf", &pdf).status, 303);
    for state in [DocumentState::Accepted, DocumentState::Revoked("of another lot".to_owned())] {
        document::judge(&mut pages.registry(), &pages.author(), 14, state).expect("a document");
    }
    let before = (count(&pages), stored(&pages).len());
    let refused = upload_with(&pages, &wang, &[("replaces", "14")], ("report.pdf", &pdf));
    assert_eq!(refused.status, 422);
    for told in ["id=\"file-wrong\"", "file the new one without replacing", "value=\"QX-26-1101\"", "value=\"&lt;0.1\""]
    {
        assert!(refused.text().contains(told), "{told}: {}", refused.text());
    }
    assert_eq!((count(&pages), stored(&pages).len()), before);
}

#[test]
fn nothing_of_another_supplier_is_at_the_desk() {
    let pages = pages();
    let (wang, li) = (wang(&pages), pages.person("li", Role::Supplier(202)));
    assert!(!wang.get("/desk").text().contains("2003"));
    for path in ["", "/capacities", "/labels", "/file?kind=inspection-report"] {
        assert_eq!(wang.get(&format!("/desk/listing/{THEIRS}{path}")).status, 404, "{path}");
        assert_eq!(li.get(&format!("/desk/listing/{THEIRS}{path}")).status, 200, "{path}");
    }
    let sent = upload(&pages, &wang, "report.pdf", &fs::read(assets("report.pdf")).expect("a PDF"));
    assert_eq!(sent.status, 303);
    assert_eq!((wang.get("/desk/document/14").status, li.get("/desk/document/14").status), (200, 404));
    for (path, fields) in [("capacities", [("declared-shipment", "never")]), ("labels", [("count", "1")])] {
        assert_eq!(li.post(&format!("/desk/listing/{OURS}/{path}"), &fields).status, 404, "{path}");
    }
    let csrf = li.csrf();
    let body = multipart(&[("csrf", &csrf), ("kind", "inspection-report")], Some(("a.pdf", b"%PDF-1.7 %%EOF")));
    assert_eq!(send(&li, OURS, &body).status, 404);
    let officer = pages.person("mei", Role::Officer);
    assert_eq!(officer.get("/desk").status, 403);
    assert_eq!(pages.stranger().get("/desk").status, 303);
}

#[test]
fn a_file_without_the_token_of_the_session_in_front_is_not_taken() {
    let pages = pages();
    let wang = wang(&pages);
    let (csrf, pdf) = (wang.csrf(), Some(("a.pdf", b"%PDF-1.7\n%%EOF".as_slice())));
    for fields in [&[][..], &[("csrf", "x")], &[("kind", "inspection-report"), ("csrf", csrf.as_str())]] {
        assert_eq!(send(&wang, OURS, &multipart(fields, pdf)).status, 403, "{fields:?}");
    }
    assert_eq!(stored(&pages).len(), 0);
}

/// Files that are none, or more than they say.
fn refused_files() -> Vec<(&'static str, Vec<u8>)> {
    let png = |side: u32| {
        [
            b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR",
            &side.to_be_bytes()[..],
            &side.to_be_bytes(),
            b"\x08\x00\x00\x00\x00",
            b"\x00\x00\x00\x00IEND\xae\x42\x60\x82",
        ]
        .concat()
    };
    // One deflated zero byte after the other: 4 GiB out of nothing.
    let bomb = [b"PK\x03\x04\x14\x00\x00\x00\x08\x00".as_slice(), &[0xff; 4096], b"PK\x05\x06"].concat();
    vec![
        ("empty.pdf", Vec::new()),
        ("truncated.pdf", b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog".to_vec()),
        ("page.pdf", b"<!doctype html><script>alert(1)</script>".to_vec()),
        ("page-behind.pdf", b"%PDF-1.7\n%%EOF\n<script>alert(1)</script>".to_vec()),
        ("bomb.pdf", bomb),
        ("huge.png", png(0x7fff_ffff)),
        ("script-behind.jpg", b"\xff\xd8\xff\xe0JFIF\xff\xd9<script>".to_vec()),
        ("zip-behind.jpg", b"\xff\xd8\xff\xe0JFIF\xff\xd9PK\x03\x04PK\x05\x06".to_vec()),
        ("picture.gif", b"GIF89a;".to_vec()),
        ("program.exe", b"MZ\x90\x00".to_vec()),
        ("svg.png", b"<svg onload='alert(1)'/>".to_vec()),
    ]
}

#[test]
fn a_file_that_is_none_is_refused_and_leaves_nothing_behind() {
    let pages = pages();
    let wang = wang(&pages);
    let before = count(&pages);
    for (name, bytes) in refused_files() {
        let answer = upload(&pages, &wang, name, &bytes);
        assert_eq!(answer.status, 422, "{name}: {}", answer.text());
        assert!(answer.text().contains("id=\"file-wrong\""), "{name}");
        assert!(answer.text().contains("value=\"QX-26-1101\""), "{name}: what was typed stays");
    }
    assert_eq!((count(&pages), stored(&pages)), (before, Vec::<PathBuf>::new()));
}

#[test]
fn a_file_that_is_two_things_at_once_is_stored_and_does_nothing() {
    let pages = pages();
    let wang = wang(&pages);
    let both = [
        ("both.html", b"%PDF-1.7\n<html><script>alert(1)</script></html>\n%%EOF\n".to_vec(), "application/pdf"),
        ("zip.jpg", b"\xff\xd8\xff\xe0JFIF\xff\xd9PK\x03\x04 PK\x05\x06 a comment \xff\xd9".to_vec(), "image/jpeg"),
    ];
    for (at, (name, bytes, kind)) in both.into_iter().enumerate() {
        assert_eq!(upload(&pages, &wang, name, &bytes).status, 303, "{name}");
        let file = wang.get(&format!("/desk/document/{}", 14 + at));
        assert_eq!((file.status, file.bytes == bytes, file.header("content-type")), (200, true, kind), "{name}");
        assert!(file.header("content-disposition").starts_with("attachment; filename=\"document-"), "{name}");
        assert_eq!(file.header("x-content-type-options"), "nosniff", "{name}");
        assert!(file.header("content-security-policy").contains("sandbox"), "{name}");
    }
}

#[test]
fn a_name_that_leads_elsewhere_names_nothing() {
    let pages = pages();
    let wang = wang(&pages);
    let before = count(&pages);
    let names = [
        "../../../../etc/passwd",
        "..\\..\\boot.ini",
        "/etc/shadow",
        "a.pdf%00.exe",
        "<img src=x onerror=alert(1)>.pdf",
        "a.pdf\u{202e}exe",
    ];
    for (at, name) in (1..).zip(names) {
        let pdf = format!("%PDF-1.7\n{at}\n%%EOF");
        assert_eq!(upload(&pages, &wang, name, pdf.as_bytes()).status, 303, "{name}");
        assert_eq!(count(&pages), before + at, "{name}");
    }
    let kept = stored(&pages);
    assert_eq!(kept.len(), names.len());
    for path in kept {
        let name = path.file_name().expect("a name").to_str().expect("text").to_owned();
        let digest = name.strip_suffix(".pdf").expect("a PDF");
        assert!(digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()), "{name}");
    }
    let page = wang.get("/desk/listing/2001");
    assert!(!page.text().contains("onerror"));
}

#[test]
fn a_form_that_never_ends_is_not_read_to_its_end() {
    let pages = pages();
    let wang = wang(&pages);
    let csrf = wang.csrf();
    let mut many: Vec<(&str, &str)> = vec![("csrf", &csrf)];
    many.extend(std::iter::repeat_n(("x", "y"), 10_000));
    assert_eq!(send(&wang, OURS, &multipart(&many, None)).status, 422);
    let long = "x".repeat(5000);
    assert_eq!(send(&wang, OURS, &multipart(&[("csrf", &csrf), ("number", &long)], None)).status, 422);
    let mut headers = multipart(&[("csrf", &csrf)], None);
    headers.truncate(headers.len() - BOUNDARY.len() - 6);
    headers.extend(format!("--{BOUNDARY}\r\n").into_bytes());
    headers.extend(b"X-Header: y\r\n".repeat(10_000));
    assert_eq!(send(&wang, OURS, &headers).status, 400);
    let cut = &multipart(&[("csrf", &csrf)], Some(("a.pdf", b"%PDF-1.7\n%%EOF")))[..220];
    assert_eq!(send(&wang, OURS, cut).status, 400);
    assert_eq!(wang.post_bytes("/desk/listing/2001/file", "text/plain", b"csrf=x").status, 400);
    let large = vec![b'x'; (10 << 20) + 1];
    assert_eq!(upload(&pages, &wang, "large.pdf", &large).status, 422);
    assert_eq!(stored(&pages), Vec::<PathBuf>::new());
}

/// An upload that begins and does not go on.
fn begun(pages: &Pages, person: &Person<'_>) -> TcpStream {
    let csrf = person.csrf();
    let mut body = multipart(&[("csrf", &csrf)], Some(("a.pdf", b"%PDF-1.7\n")));
    body.truncate(body.len() - BOUNDARY.len() - 8);
    let cookies: Vec<String> = person.kept().iter().map(|(name, value)| format!("{name}={value}")).collect();
    let head = format!(
        "POST /desk/listing/{OURS}/file HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\ncookie: {}\r\n\
         content-type: multipart/form-data; boundary={BOUNDARY}\r\ncontent-length: 100000\r\naccept-language: en\r\n\r\n",
        cookies.join("; ")
    );
    let mut stream =
        TcpStream::connect(pages.origin().strip_prefix("http://").expect("an address")).expect("it listens");
    stream.write_all(&[head.as_bytes(), &body].concat()).expect("sent");
    stream
}

#[test]
fn a_file_that_does_not_go_on_is_given_up() {
    let pace = Pace { grace: Duration::from_millis(300), ..Pace::default() };
    let pages = Pages::office_with(|site| site.with_pace(pace));
    let wang = wang(&pages);
    let mut answer = String::new();
    let mut slow = begun(&pages, &wang);
    slow.set_read_timeout(Some(Duration::from_secs(60))).expect("a limit");
    slow.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("came too slowly"), "{answer}");
    assert_eq!(stored(&pages), Vec::<PathBuf>::new());
}

#[test]
fn slow_files_of_one_supplier_keep_no_other_one_waiting() {
    let pages = pages();
    let (wang, li) = (wang(&pages), pages.person("li", Role::Supplier(202)));
    let _slow: Vec<TcpStream> = (0..6).map(|_| begun(&pages, &wang)).collect();
    let end = Instant::now() + Duration::from_secs(60);
    let held = loop {
        let answer = upload(&pages, &wang, "report.pdf", &fs::read(assets("report.pdf")).expect("a PDF"));
        if answer.status != 303 {
            break answer;
        }
        assert!(Instant::now() < end, "seven files of one supplier came in at once");
    };
    assert_eq!(held.status, 429, "{}", held.text());
    let (csrf, report) = (li.csrf(), report(&pages));
    let fields = report.iter().map(|(name, text)| (*name, text.as_str()));
    let fields: Vec<(&str, &str)> = [("csrf", csrf.as_str())].into_iter().chain(fields).collect();
    let sent = send(&li, THEIRS, &multipart(&fields, Some(("report.pdf", b"%PDF-1.7\n%%EOF"))));
    assert_eq!(sent.status, 303, "{}", sent.text());
}

#[test]
fn labels_lead_where_the_authority_says_and_not_where_a_request_does() {
    let green = |pages: &Pages| assess::settle_all(&mut pages.registry(), &pages.author()).expect("a rulebook");
    let labels = |pages: &Pages| pages.registry().labels(2002).expect("labels");
    let (path, order) = ("/desk/listing/2002/labels", [("count", "1")]);
    let pages = Pages::office();
    green(&pages);
    let wang = self::wang(&pages);
    let page = wang.get(&format!("{path}?lang=en"));
    assert!(page.text().contains("has not said to which address labels lead"), "{}", page.text());
    assert_eq!((wang.post(path, &order).status, labels(&pages).len()), (422, 0));
    let pages = Pages::office_with(|site| site.with_host(Some("QR.EXAMPLE.COM".to_owned())));
    green(&pages);
    let wang = self::wang(&pages);
    assert_eq!(wang.post(path, &order).status, 200);
    let printed = labels(&pages);
    assert!(printed[0].text.starts_with("https://QR.EXAMPLE.COM/"), "{printed:?}");
    let officer = pages.person("mei", Role::Officer);
    assert!(officer.get("/console/listings/2002/labels").text().contains("value=\"QR.EXAMPLE.COM\""));
}

#[test]
fn facts_of_the_firm_are_the_suppliers_and_its_code_is_not() {
    let pages = pages();
    let wang = wang(&pages);
    wang.get("/desk?lang=en");
    let code = "91330106MA2KXQ201W";
    assert!(wang.get("/desk/firm").text().contains(code));
    let fields = [("contacts", "赵 0571-1\n\n钱"), ("partnerships", "Platform C=green only"), ("code", "x")];
    assert_eq!(wang.post("/desk/firm", &fields).status, 303);
    let firm = pages.registry().firm(201).expect("readable").expect("a firm");
    assert_eq!((firm.code.as_str(), firm.contacts.len(), firm.partnerships.len()), (code, 2, 1));
    assert_eq!(wang.post("/desk/firm", &[("partnerships", "Platform C")]).status, 422);
}
