//! Every path that a file names, resolved to where it leads: into a room of ours, or into an outside crate.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::source::line_of;

/// One path that a file names.
#[derive(Debug, PartialEq, Eq)]
pub struct Named {
    /// Where it is written.
    pub line: usize,
    /// Where it leads.
    pub to: To,
}

/// Where a path leads.
#[derive(Debug, PartialEq, Eq)]
pub enum To {
    /// From the root of this crate: `["store", "Cache"]`. Empty or `*` is the root itself.
    Ours(Vec<String>),
    /// Into an outside crate, a type in scope or a module next door: only the first word is known.
    Outside(String),
}

/// Every path in `tokens`, which stand in `module` of this crate.
pub fn named_in(tokens: &TokenStream, module: &[String]) -> Vec<Named> {
    let mut scan = Scan::default();
    scan.tokens(tokens, module);
    let Scan { mut found, local_names } = scan;
    found.retain(|named| !matches!(&named.to, To::Outside(name) if local_names.contains(name)));
    found
}

#[derive(Default)]
struct Scan {
    found: Vec<Named>,
    /// Names that the file itself gives to things of this crate; they hide a crate of the same name.
    local_names: BTreeSet<String>,
}

impl Scan {
    fn tokens(&mut self, tokens: &TokenStream, module: &[String]) {
        let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            at += match &tokens[at] {
                TokenTree::Ident(word) if word == "use" => self.import(&tokens[at..], module),
                TokenTree::Ident(word) if word == "mod" => self.module(&tokens[at..], module),
                TokenTree::Ident(_) => self.path(&tokens, at, module),
                TokenTree::Group(group) => {
                    self.tokens(&group.stream(), module);
                    1
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => 1,
            };
        }
    }

    /// `use …;` and how many tokens it takes.
    fn import(&mut self, tokens: &[TokenTree], module: &[String]) -> usize {
        let end = tokens.iter().position(|token| is_mark(token, ';')).unwrap_or(1);
        self.import_tree(&tokens[1..end], &[], module);
        end.max(1)
    }

    fn import_tree(&mut self, tokens: &[TokenTree], before: &[String], module: &[String]) {
        let mut path = before.to_vec();
        let mut alias = None;
        for (at, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Ident(word) if word == "as" => {
                    alias = tokens.get(at + 1).map(ToString::to_string);
                    break;
                }
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                    let inside: Vec<TokenTree> = group.stream().into_iter().collect();
                    let branches = inside.split(|token| is_mark(token, ',')).filter(|branch| !branch.is_empty());
                    return branches.for_each(|branch| self.import_tree(branch, &path, module));
                }
                TokenTree::Ident(word) => path.push(word.to_string()),
                TokenTree::Punct(mark) if mark.as_char() == '*' => path.push("*".to_owned()),
                TokenTree::Punct(_) | TokenTree::Group(_) | TokenTree::Literal(_) => {}
            }
        }
        if let (Some(first), Some(to)) = (tokens.first(), resolved(&path, module)) {
            if let To::Ours(path) = &to {
                self.local_names.extend(alias.or_else(|| path.last().cloned()));
            }
            self.found.push(Named { line: line_of(first), to });
        }
    }

    /// `mod name { … }` or `mod name;` and how many tokens it takes.
    fn module(&mut self, tokens: &[TokenTree], module: &[String]) -> usize {
        let Some(TokenTree::Ident(name)) = tokens.get(1) else { return 1 };
        self.local_names.insert(name.to_string());
        let Some(TokenTree::Group(body)) = tokens.get(2) else { return 2 };
        let inner: Vec<String> = module.iter().cloned().chain([name.to_string()]).collect();
        self.tokens(&body.stream(), &inner);
        3
    }

    /// A path in an expression, a type, an attribute or a macro, and how many tokens it takes.
    fn path(&mut self, tokens: &[TokenTree], at: usize, module: &[String]) -> usize {
        let mut path = vec![tokens[at].to_string()];
        let mut end = at + 1;
        while let [colon, second, TokenTree::Ident(word), ..] = &tokens[end..]
            && is_mark(colon, ':')
            && is_mark(second, ':')
        {
            path.push(word.to_string());
            end += 3;
        }
        let continues_a_type = matches!(&tokens[..at], [.., close, first, second]
            if is_mark(close, '>') && is_mark(first, ':') && is_mark(second, ':'));
        let is_field = at > 0 && is_mark(&tokens[at - 1], '.') && path.len() == 1;
        if path.len() > 1 && !continues_a_type && !is_field {
            let to = resolved(&path, module);
            self.found.extend(to.map(|to| Named { line: line_of(&tokens[at]), to }));
        }
        end - at
    }
}

/// Where a path leads that is written in `module`.
fn resolved(path: &[String], module: &[String]) -> Option<To> {
    let (first, rest) = path.split_first()?;
    let rest = rest.iter().filter(|word| *word != "self" && *word != "super").cloned();
    let climbs = path.iter().take_while(|word| *word == "super" || *word == "self").filter(|word| *word == "super");
    Some(match first.as_str() {
        "crate" | "greengate" => To::Ours(rest.collect()),
        "self" | "super" => {
            let depth = module.len().saturating_sub(climbs.count());
            To::Ours(module[..depth].iter().cloned().chain(rest).collect())
        }
        _ => To::Outside(first.clone()),
    })
}

fn is_mark(token: &TokenTree, mark: char) -> bool {
    matches!(token, TokenTree::Punct(found) if found.as_char() == mark)
}

#[cfg(test)]
fn paths(text: &str) -> Vec<String> {
    let module = ["vision".to_owned(), "scan".to_owned()];
    let named = named_in(&text.parse().unwrap(), &module);
    let text = |to: To| match to {
        To::Ours(path) => format!("/{}", path.join("/")),
        To::Outside(name) => name,
    };
    named.into_iter().map(|named| text(named.to)).collect()
}

#[test]
fn a_use_tree_is_taken_apart() {
    assert_eq!(paths("use crate::{rules::{code::Code, text}, store};"), ["/rules/code/Code", "/rules/text", "/store"]);
    assert_eq!(paths("pub use crate::screen::*;"), ["/screen/*"]);
    assert_eq!(paths("use crate as g;"), ["/"]);
    assert_eq!(paths("use crate::{self as g};"), ["/"]);
    assert_eq!(paths("fn a() -> impl Sized + use<'_> { crate::store::open() }"), ["/store/open"]);
}

#[test]
fn super_climbs_from_where_it_stands() {
    assert_eq!(paths("use super::finder::find;"), ["/vision/finder/find"]);
    assert_eq!(paths("fn a() { super::super::store::open() }"), ["/store/open"]);
    assert_eq!(paths("mod deep { fn a() { super::super::super::store::open() } }"), ["/store/open"]);
    assert_eq!(paths("use super::super::*;"), ["/*"]);
    assert_eq!(paths("use self::inner::a;"), ["/vision/scan/inner/a"]);
}

#[test]
fn paths_are_found_wherever_code_can_stand() {
    assert_eq!(paths("fn a(b: Vec<crate::panel::Page>) {}"), ["/panel/Page"]);
    assert_eq!(paths(r#"fn a() { println!("{}", crate::store::VERSION) }"#), ["/store/VERSION"]);
    assert_eq!(paths("macro_rules! a { () => { $crate::kiosk::run() } }"), ["/kiosk/run"]);
    assert_eq!(paths("#[derive(clap::Parser)] struct A;"), ["clap"]);
    assert_eq!(paths("fn a() { greengate::kiosk::command::main() }"), ["/kiosk/command/main"]);
    assert_eq!(paths("fn a() { ::image::open() }"), ["image"]);
}

#[test]
fn comments_strings_and_visibility_name_nothing() {
    assert_eq!(paths("/// [`crate::store`]\npub(crate) fn a() { b(\"crate::store\") } // crate::store"), [""; 0]);
    assert_eq!(paths("fn a(b: B) -> C { <B as D>::e(b.f) }"), [""; 0]);
}

#[test]
fn a_module_of_ours_hides_a_crate_of_the_same_name() {
    assert_eq!(paths("use crate::rules::image; fn a() { image::Grey }"), ["/rules/image"]);
    assert_eq!(paths("mod toml; fn a() { toml::read() }"), [""; 0]);
    assert_eq!(paths("use image::GrayImage;"), ["image"]);
}
