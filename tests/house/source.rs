//! One Rust file as tokens: read by the compiler's own lexer, so that comments, strings and macros are what they are.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// A Rust file.
pub struct Source {
    /// Its path from the top of the project, with `/`.
    pub path: String,
    /// Its text.
    pub text: String,
    /// All of it.
    pub tokens: TokenStream,
}

impl Source {
    /// Reads a text as a file at `path`.
    #[track_caller]
    pub fn new(path: &str, text: &str) -> Self {
        let tokens = text.parse().unwrap_or_else(|error| panic!("{path} is not Rust: {error}"));
        Self { path: path.to_owned(), text: text.to_owned(), tokens }
    }

    /// Every Rust file below `folder`.
    pub fn all_below(folder: &str) -> Vec<Self> {
        let paths = super::files_below(folder, ".rs");
        paths.iter().map(|path| Self::new(&path.to_string_lossy().replace('\\', "/"), &super::read(path))).collect()
    }

    /// The path of modules from the crate's root, with the room first: `["vision", "scan"]`.
    ///
    /// The roots are rooms of their own, called like their files: `lib.rs`, `main.rs`.
    pub fn module(&self) -> Vec<String> {
        let inside = self.path.strip_prefix("src/").unwrap_or(&self.path);
        let inside = inside.strip_suffix("/mod.rs").or_else(|| inside.strip_suffix(".rs")).unwrap_or(inside);
        match inside {
            "lib" | "main" => vec![format!("{inside}.rs")],
            _ if inside.starts_with("bin/") => vec![format!("{inside}.rs")],
            _ => inside.split('/').map(str::to_owned).collect(),
        }
    }

    /// The room that the file belongs to.
    pub fn room(&self) -> String {
        self.module().swap_remove(0)
    }

    /// Whether the whole file is compiled for tests only.
    pub fn is_test(&self) -> bool {
        let outside = ["tests/", "benches/"].iter().any(|folder| self.path.starts_with(folder));
        outside || self.path.ends_with("/tests.rs") || self.path.ends_with("_tests.rs") || self.path.contains("/tests/")
    }

    /// The file without what is compiled for tests only, and how many lines that leaves.
    pub fn shipped(&self) -> (TokenStream, usize) {
        let mut test_lines = 0;
        let tokens = without_tests(&self.tokens, &mut test_lines);
        (tokens, self.text.lines().count() - test_lines)
    }
}

/// Drops every item under `#[cfg(test)]`, and counts its lines.
fn without_tests(tokens: &TokenStream, dropped_lines: &mut usize) -> TokenStream {
    let mut kept = Vec::new();
    let mut tokens = tokens.clone().into_iter().peekable();
    while let Some(token) = tokens.next() {
        let starts_attribute = matches!(&token, TokenTree::Punct(mark) if mark.as_char() == '#');
        if starts_attribute && matches!(tokens.peek(), Some(TokenTree::Group(group)) if is_cfg_test(group)) {
            let last = tokens.by_ref().find(ends_item);
            let last_line = last.map_or_else(|| line_of(&token), |last| last.span().end().line);
            *dropped_lines += last_line + 1 - line_of(&token);
        } else if let TokenTree::Group(group) = &token {
            let mut inside = Group::new(group.delimiter(), without_tests(&group.stream(), dropped_lines));
            inside.set_span(group.span());
            kept.push(inside.into());
        } else {
            kept.push(token);
        }
    }
    kept.into_iter().collect()
}

/// `[cfg(test)]`, also as a part of `all(…)`.
fn is_cfg_test(attribute: &Group) -> bool {
    let words = words(&attribute.stream());
    attribute.delimiter() == Delimiter::Bracket
        && words.first().is_some_and(|word| word == "cfg")
        && words.iter().any(|word| word == "test")
        && !words.iter().any(|word| word == "not" || word == "any")
}

/// An item ends with its body or with a semicolon.
fn ends_item(token: &TokenTree) -> bool {
    match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(mark) => mark.as_char() == ';',
        TokenTree::Ident(_) | TokenTree::Literal(_) => false,
    }
}

/// Every identifier and keyword, in order, at any depth.
pub fn words(tokens: &TokenStream) -> Vec<String> {
    let mut found = Vec::new();
    for token in tokens.clone() {
        match token {
            TokenTree::Ident(word) => found.push(word.to_string()),
            TokenTree::Group(group) => found.extend(words(&group.stream())),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
    found
}

/// The line that a token starts on.
pub fn line_of(token: &TokenTree) -> usize {
    match token {
        TokenTree::Group(group) => group.span_open().start().line,
        TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => token.span().start().line,
    }
}

#[test]
fn what_is_for_tests_only_is_not_shipped() {
    let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\n#[cfg(test)]\nuse c::{d};\nfn e() {}\n";
    let (tokens, lines) = Source::new("src/x/y.rs", text).shipped();
    let words = words(&tokens);
    assert_eq!(words.iter().filter(|word| *word != "fn").collect::<Vec<_>>(), ["a", "e"]);
    assert_eq!(lines, 2);
}

#[test]
fn what_is_for_other_builds_is_shipped() {
    let text = "#[cfg(not(test))]\nfn a() {}\n#[cfg(any(test, unix))]\nfn b() {}\n";
    assert_eq!(Source::new("src/x.rs", text).shipped().1, 4);
}

#[test]
fn a_file_knows_its_module() {
    let module = |path: &str| Source::new(path, "").module().join("::");
    assert_eq!(module("src/lib.rs"), "lib.rs");
    assert_eq!(module("src/bin/greengate-hub.rs"), "bin/greengate-hub.rs");
    assert_eq!(module("src/vision/mod.rs"), "vision");
    assert_eq!(module("src/device/camera/panel.rs"), "device::camera::panel");
}
