//! What every file holds to: it says what it is for, stays small, and leaves out what has no place in a kiosk.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::source::{Source, line_of, words};

/// A file that grows beyond this holds two things. Tests are not counted.
const FILE_LINES: usize = 450;
/// A function that grows beyond this does two things.
const FUNCTION_LINES: usize = 70;

/// What is wrong with one file, as `line: what`.
fn complaints(source: &Source) -> Vec<String> {
    let mut found = Vec::new();
    if !source.text.starts_with("//! ") {
        found.push((1, "the file does not open with `//!` and what it is for".to_owned()));
    }
    let (shipped, lines) = source.shipped();
    if !source.is_test() {
        if lines > FILE_LINES {
            found.push((lines, format!("{lines} lines, more than {FILE_LINES}; it holds two things")));
        }
        forbidden(&shipped, &source.room(), &mut found);
    }
    functions(&source.tokens, &mut found);
    allowances(&source.tokens, &mut found);
    for (number, line) in source.text.lines().enumerate() {
        let comment = line.split_once("//").map_or("", |(_, comment)| comment);
        if let Some(word) = ["TODO", "FIXME", "XXX"].into_iter().find(|word| comment.contains(word)) {
            found.push((number + 1, format!("`{word}`: finish it, or leave it out")));
        }
    }
    found.sort();
    found.into_iter().map(|(line, what)| format!("{}:{line}: {what}", source.path)).collect()
}

/// Words that have no place in what is shipped.
fn forbidden(tokens: &TokenStream, room: &str, found: &mut Vec<(usize, String)>) {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| tokens[before].to_string()).unwrap_or_default();
        let after = tokens.get(at + 1).map(ToString::to_string).unwrap_or_default();
        let what = match token {
            TokenTree::Ident(word) => match word.to_string().as_str() {
                "unwrap" if before == "." || before == ":" => "`unwrap`: answer the error, or `expect` with the proof",
                "todo" | "unimplemented" if after == "!" => "a part is not finished",
                "unsafe" if room != "device" => "`unsafe` outside `device`",
                "HashMap" | "HashSet" if room == "rules" => "an order that differs from run to run; use `BTreeMap`",
                _ => continue,
            },
            TokenTree::Group(group) => {
                forbidden(&group.stream(), room, found);
                continue;
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => continue,
        };
        found.push((line_of(token), what.to_owned()));
    }
}

/// Functions that are too long, with the name and its body in view.
fn functions(tokens: &TokenStream, found: &mut Vec<(usize, String)>) {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        if let TokenTree::Group(group) = token {
            functions(&group.stream(), found);
        }
        let [TokenTree::Ident(keyword), TokenTree::Ident(name), rest @ ..] = &tokens[at..] else { continue };
        let body = rest.iter().find(|token| match token {
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
            TokenTree::Punct(mark) => mark.as_char() == ';',
            TokenTree::Ident(_) | TokenTree::Literal(_) => false,
        });
        let (true, Some(TokenTree::Group(body))) = (keyword == "fn", body) else { continue };
        let lines = body.span_close().end().line + 1 - line_of(token);
        if lines > FUNCTION_LINES {
            found.push((line_of(token), format!("`{name}` has {lines} lines, more than {FUNCTION_LINES}")));
        }
    }
}

/// `#[allow(…)]`, also inside `cfg_attr`.
fn allowances(tokens: &TokenStream, found: &mut Vec<(usize, String)>) {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else { continue };
        let marks: Vec<String> = tokens[at.saturating_sub(2)..at].iter().map(ToString::to_string).collect();
        let is_attribute = group.delimiter() == Delimiter::Bracket
            && (marks.last().is_some_and(|mark| mark == "#") || marks == ["#", "!"]);
        let words = words(&group.stream());
        let first = words.first().map(String::as_str);
        if is_attribute && (first == Some("allow") || first == Some("cfg_attr") && words.iter().any(|w| w == "allow")) {
            found.push((line_of(token), "`allow`: use `#[expect(…, reason = \"…\")]`".to_owned()));
        }
        allowances(&group.stream(), found);
    }
}

#[test]
fn every_file_keeps_the_house_rules() {
    let sources = ["src", "tests", "benches"].into_iter().flat_map(Source::all_below);
    let complaints: Vec<String> = sources.flat_map(|source| complaints(&source)).collect();
    super::assert_none(&complaints);
}

#[cfg(test)]
fn complaints_of(path: &str, text: &str) -> Vec<String> {
    complaints(&Source::new(path, &format!("//! What it is for.\n{text}")))
}

#[test]
fn a_file_that_does_not_say_what_it_is_for_is_refused() {
    let wrong = "src/vision/scan.rs:1: the file does not open with `//!` and what it is for";
    assert_eq!(complaints(&Source::new("src/vision/scan.rs", "fn a() {}")), [wrong]);
}

#[test]
fn a_file_that_is_too_long_is_refused() {
    let long = "fn a() {}\n".repeat(FILE_LINES);
    assert_eq!(
        complaints_of("src/vision/scan.rs", &long),
        ["src/vision/scan.rs:451: 451 lines, more than 450; it holds two things"]
    );
    assert_eq!(complaints_of("tests/vision/mod.rs", &long), [""; 0]);
    let tests = format!("#[cfg(test)]\nmod tests {{\n{long}}}\n");
    assert_eq!(complaints_of("src/vision/scan.rs", &tests), [""; 0]);
}

#[test]
fn a_function_that_is_too_long_is_refused() {
    let function = |lines| {
        format!("trait A {{ fn short();\n    fn long(b: fn(u8)) -> u8 {{\n{}    }}\n}}\n", "1;\n".repeat(lines))
    };
    assert_eq!(
        complaints_of("src/vision/scan.rs", &function(69)),
        ["src/vision/scan.rs:3: `long` has 71 lines, more than 70"]
    );
    assert_eq!(complaints_of("src/vision/scan.rs", &function(68)), [""; 0]);
}

#[test]
fn words_without_a_place_are_refused() {
    let check = |path, text| complaints_of(path, text).len();
    assert_eq!(
        complaints_of("src/panel/page.rs", "fn a() {\n    b.unwrap();\n}"),
        ["src/panel/page.rs:3: `unwrap`: answer the error, or `expect` with the proof"]
    );
    assert_eq!(check("src/panel/page.rs", "fn a() { b.map(Option::unwrap) }"), 1);
    assert_eq!(check("src/panel/page.rs", "fn a() { b.unwrap_or_default() } // .unwrap()"), 0);
    assert_eq!(check("src/panel/page.rs", "#[cfg(test)] mod tests { fn a() { b.unwrap() } }"), 0);
    assert_eq!(check("src/panel/page.rs", "fn a() { todo!() } fn b() { unimplemented!() }"), 2);
    assert_eq!(check("src/panel/page.rs", "fn a() { unsafe { b() } }"), 1);
    assert_eq!(check("src/device/gpio.rs", "fn a() { unsafe { b() } }"), 0);
    assert_eq!(check("src/rules/code.rs", "use std::collections::HashMap;"), 1);
    assert_eq!(check("src/panel/page.rs", "use std::collections::HashMap;"), 0);
    assert_eq!(check("tests/panel/mod.rs", "fn a() { b.unwrap() }"), 0);
}

#[test]
fn an_allowance_is_refused() {
    let check = |text| complaints_of("tests/panel/mod.rs", text);
    assert_eq!(
        check("#[allow(dead_code)]\nfn a() {}"),
        ["tests/panel/mod.rs:2: `allow`: use `#[expect(…, reason = \"…\")]`"]
    );
    assert_eq!(check("fn a() { #![allow(x)] }").len(), 1);
    assert_eq!(check("#[cfg_attr(unix, allow(x))] fn a() {}").len(), 1);
    assert_eq!(check("#[expect(dead_code, reason = \"allow\")] fn a(allow: [u8; 2]) {}"), [""; 0]);
}

#[test]
fn what_is_left_for_later_is_refused() {
    let mark = ["TO", "DO"].concat();
    let wrong = format!("src/panel/page.rs:2: `{mark}`: finish it, or leave it out");
    assert_eq!(complaints_of("src/panel/page.rs", &format!("fn a() {{}} // {mark} later")), [wrong]);
}
