//! Product codes without a signature, deliveries, and texts that are neither.

use greengate::rules::code::{Code, PAYLOAD_LIMIT, Product, Refusal};
use greengate::rules::gs1::read;

use super::{Dice, product, signed};

fn bare() -> Product {
    Product { lot: None, serial: None, expiry: None, ..product() }
}

#[test]
fn every_printed_form_of_a_product_reads_the_same() {
    let forms = [
        "https://id.gs1.org/01/06901234567892/10/A-1/21/S.9?17=261231",
        "HTTP://shop.example.cn:81/01/06901234567892/21/S.9/10/A-1?17=261231",
        "https://shop.example.cn/de/goods/01/06901234567892/10/A-1?21=S.9&17=261231",
        "https://shop.example.cn/01/06901234567892?17=261231&21=S.9&10=A-1&linkType=all",
        "https://shop.example.cn/01/06901234567892?99=x;17=261231;3103=000195;10=A-1;21=S.9#top",
        "https://shop.example.cn/10/A-1/21/S.9/01/06901234567892/?17=261231",
        "https://shop.example.cn/01/6901234567892/10/A-1/21/S.9?17=261231",
        "https://shop.example.cn/%30%31/06901234567892/10/%41%2D1/21/S%2e9?17=26123%31",
        "https://shop.example.cn/2024/05/01/06901234567892/22/2A/10/A-1/21/S.9?17=261231",
        "]Q3010690123456789210A-1\u{1d}1726123121S.9",
        "]C1010690123456789217261231\u{1d}10A-1\u{1d}21S.9",
        "]e010A-1\u{1d}21S.9\u{1d}01069012345678921726123124099\u{1d}",
        "]d2310300019501069012345678921526010117261231\u{1d}21S.9\u{1d}10A-1",
        "]Q38005012345\u{1d}56what\u{1d}010690123456789210A-1\u{1d}1726123121S.9",
        "\u{1d}01069012345678921726123121S.9\u{1d}10A-1",
        "01069012345678921726123110A-1\u{1d}21S.9\r\n",
        "(01)06901234567892(10)A-1(17)261231(21)S.9",
        "(01) 06901234567892 (17) 261231 (10) A-1 (21) S.9 ",
        "(21)S.9(3103)000195(01)6901234567892(10)A-1(17)261231",
    ];
    for form in forms {
        assert_eq!(read(form.as_bytes()), Code::Unsigned(product()), "{form}");
        assert_eq!(read(form.as_bytes()).identity(form.as_bytes()), read(forms[0].as_bytes()).identity(b""), "{form}");
    }
    assert_eq!(read(product().elements().as_bytes()), Code::Unsigned(product()));
}

#[test]
fn product_without_more_reads_the_same_in_every_form() {
    let forms = [
        "6901234567892",
        " 06901234567892\n",
        "https://id.gs1.org/01/06901234567892",
        "https://id.gs1.org/01/06901234567892?10=&21=",
        "]Q30106901234567892",
        "0106901234567892",
        "(01)06901234567892",
    ];
    for form in forms {
        assert_eq!(read(form.as_bytes()), Code::Unsigned(bare()), "{form}");
    }
}

#[test]
fn short_gtins_are_padded() {
    for (digits, gtin) in
        [("96385074", "00000096385074"), ("036000291452", "00036000291452"), ("16901234567899", "16901234567899")]
    {
        let code = read(digits.as_bytes());
        assert_eq!(code.product().map(|product| product.gtin.to_string()), Some(gtin.to_owned()));
    }
}

#[test]
fn unsigned_lots_keep_their_own_characters() {
    for (text, lot) in [
        ("https://id.gs1.org/01/06901234567892/10/a%2Fb%20%28c%29", "a/b (c)"),
        ("https://id.gs1.org/01/06901234567892/10/%E6%89%B9%E5%8F%B77", "批号7"),
        ("(01)06901234567892(10)a(b)c", "a(b)c"),
        ("]Q3010690123456789210+_&", "+_&"),
    ] {
        let expected = Product { lot: Some(lot.to_owned()), ..bare() };
        assert_eq!(read(text.as_bytes()), Code::Unsigned(expected), "{text}");
    }
}

#[test]
fn doubtful_elements_are_not_left_out() {
    for (text, refusal) in [
        ("https://id.gs1.org/01/06901234567892?17=261331", Refusal::Expiry),
        ("https://id.gs1.org/01/06901234567892?17=", Refusal::Expiry),
        ("]Q3010690123456789217261232", Refusal::Expiry),
        ("]Q301069012345678921726", Refusal::Expiry),
        ("(01)06901234567892(17)31.12.2026", Refusal::Expiry),
        ("https://id.gs1.org/01/06901234567892?17=261231&17=271231", Refusal::Scope),
        ("(01)06901234567892(01)16901234567899", Refusal::Scope),
        ("(01)06901234567892(10)ABCDEFGHIJKLMNOPQRSTU", Refusal::Element),
        ("https://id.gs1.org/01/06901234567892/10/A%00", Refusal::Element),
    ] {
        assert_eq!(read(text.as_bytes()), Code::Broken(refusal), "{text}");
    }
    let twice = "https://id.gs1.org/01/06901234567892/10/A-1/21/S.9?17=261231&17=261231";
    assert_eq!(read(twice.as_bytes()), Code::Unsigned(product()));
}

#[test]
fn deliveries_are_known_by_their_numbers() {
    for (text, id) in [
        ("(00)106141412345678908", "(00)106141412345678908"),
        ("00106141412345678908", "(00)106141412345678908"),
        ("]C100106141412345678908", "(00)106141412345678908"),
        ("\u{1d}0010614141234567890802069012345678923712", "(00)106141412345678908"),
        ("https://id.gs1.org/00/106141412345678908", "(00)106141412345678908"),
        ("]C140212345678901234560\u{1d}", "(402)12345678901234560"),
        ("https://id.gs1.org/402/12345678901234560", "(402)12345678901234560"),
        ("(401)9521234ABC", "(401)9521234ABC"),
        ("https://id.gs1.org/401/9521234ABC%2F7", "(401)9521234ABC/7"),
        ("]Q3400PO-2026/117", "(400)PO-2026/117"),
        ("(400)PO-2026/117", "(400)PO-2026/117"),
        ("https://id.gs1.org/414/9521321000018?400=PO-7", "(400)PO-7"),
        ("(400)PO-7(00)106141412345678908", "(00)106141412345678908"),
    ] {
        assert_eq!(read(text.as_bytes()), Code::Delivery(id.to_owned()), "{text}");
    }
    let order_on_a_product = "(01)06901234567892(400)PO-7";
    assert_eq!(read(order_on_a_product.as_bytes()), Code::Unsigned(bare()));
}

#[test]
fn other_texts_are_no_product_codes() {
    for text in [
        "",
        "hello",
        "6901234567893",
        "0106901234567893",
        "01069012345678921",
        "69012345678920",
        "106141412345678908",
        "(00)106141412345678909",
        "00106141412345678909",
        "]Q3",
        "]Q30106901234567893",
        "]Q301069012345678",
        "]Q1https://id.gs1.org/01/06901234567892",
        "(01)",
        "(01",
        "()",
        "(99)x",
        "https://",
        "https:///01/06901234567892",
        "https://id.gs1.org",
        "https://id.gs1.org/01/06901234567893",
        "https://id.gs1.org/01/06901234567892/extra",
        "https://blog.example/2024/01/15",
        "https://blog.example/errors/401/unauthorised",
        "https://blog.example/400/PO-7",
        "https://blog.example/?01=06901234567892",
        "ftp://id.gs1.org/01/06901234567892",
        "WIFI:T:WPA;S:dock;P:secret;;",
        "https://u.wechat.com/EA06901234567892",
        "批号",
    ] {
        assert_eq!(read(text.as_bytes()), Code::Other, "{text}");
    }
    assert_eq!(read(b"\xCF\xB4\xB7\xA2\xCB\xAE"), Code::Other);
}

#[test]
fn payload_beyond_the_limit_is_not_looked_at() {
    let text = |length: usize| format!("(01)06901234567892(99){}", "x".repeat(length - 22));
    assert_eq!(read(text(PAYLOAD_LIMIT).as_bytes()), Code::Unsigned(bare()));
    assert_eq!(read(text(PAYLOAD_LIMIT + 1).as_bytes()), Code::Other);
}

#[test]
fn random_bytes_never_panic_and_never_verify() {
    let seeds = [
        signed().to_text("QC.GATE.TEST"),
        "https://id.gs1.org/01/06901234567892/10/A-1/21/S.9?17=261231".to_owned(),
        "]Q3010690123456789210A-1\u{1d}1726123121S.9".to_owned(),
        "(01)06901234567892(10)A-1(17)261231(21)S.9".to_owned(),
        "(00)106141412345678908".to_owned(),
    ];
    let mut dice = Dice(41);
    for _ in 0..20_000 {
        let mut bytes = seeds[dice.below(seeds.len())].clone().into_bytes();
        for _ in 0..=dice.below(6) {
            stir(&mut bytes, &mut dice);
        }
        if let Code::Signed(label) = read(&bytes) {
            let is_genuine = greengate::rules::label::verify(&label, Some(&super::authority())).is_ok();
            assert_eq!(is_genuine, label == signed(), "{}", String::from_utf8_lossy(&bytes));
        }
    }
}

fn stir(bytes: &mut Vec<u8>, dice: &mut Dice) {
    let at = dice.below(bytes.len() + 1);
    let tail = b"()/?=&%#]\x1d0123456789AZaz\xFF\xE6";
    match dice.below(4) {
        0 => bytes.truncate(at),
        1 => bytes.insert(at, tail[dice.below(tail.len())]),
        2 => bytes.extend_from_within(at..),
        _ if at < bytes.len() => bytes[at] = u8::try_from(dice.below(256)).unwrap(),
        _ => {}
    }
    bytes.truncate(2 * PAYLOAD_LIMIT);
}

#[test]
fn worst_payloads_are_read_in_a_straight_line() {
    for piece in ["(", "(01)", "01/", "%", "&", "\u{1d}", "(10", "/01/06901234567892"] {
        let text = piece.repeat(PAYLOAD_LIMIT / piece.len());
        for start in ["", "]Q3", "https://x/", "https://x/?"] {
            let text = format!("{start}{text}");
            assert!(matches!(read(text.as_bytes()), Code::Other | Code::Unsigned(_) | Code::Broken(_)), "{piece}");
        }
    }
}
