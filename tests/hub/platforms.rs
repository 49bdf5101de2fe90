//! The interface for platforms' programs, as such a program asks it: keys, pages, lookups, partners, webhooks.

use std::collections::BTreeSet;

use greengate::hub::Registry;
use greengate::hub::platform::{Platforms, Scope};
use greengate::rules::code::Grade;
use greengate::rules::demo::DemoKey;
use greengate::rules::record::{Listing, Record, RecordKey};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::public::{path, world};
use super::service::{Answer, Hub};
use super::{author, failure, hub, success};

const GTIN: &str = "06901234567892";

/// A program of a platform, with its key.
pub struct Program<'a> {
    pub hub: &'a Hub,
    pub key: String,
}

impl<'a> Program<'a> {
    pub fn new(hub: &'a Hub, name: &str, scopes: &[Scope], rate: u32) -> Self {
        let mut platforms = Platforms::open(hub.folder.path()).expect("platforms");
        let scopes: BTreeSet<Scope> = scopes.iter().copied().collect();
        let key = platforms.add(name, &scopes, rate, Timestamp::now()).expect("a key");
        Self { hub, key }
    }

    pub fn of(hub: &'a Hub) -> Self {
        Self::new(hub, "tmall", &Scope::ALL, 10_000)
    }

    fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let bearer = format!("Bearer {}", self.key);
        let headers = [&[("authorization", &*bearer), ("content-type", "application/json")], headers].concat();
        self.hub.send(method, &format!("/api/v1{path}"), &headers, body)
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], "")
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, &[], &body.to_string())
    }

    fn ids(&self, query: &str) -> Vec<u64> {
        let answer = self.get(&format!("/listings?{query}"));
        assert_eq!(answer.status, 200, "{query}: {}", String::from_utf8_lossy(&answer.bytes));
        let page = answer.json();
        page["listings"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|listing| listing["id"].as_u64().expect("a number"))
            .collect()
    }
}

/// The status and the sentence of a problem.
fn problem(answer: &Answer) -> (u16, String) {
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let problem = answer.json();
    assert_eq!(problem["status"], answer.status);
    (answer.status, problem["detail"].as_str().expect("a sentence").to_owned())
}

fn regrade(hub: &Hub, id: u32, to: Grade) {
    let mut registry = Registry::open(hub.folder.path()).expect("a registry");
    let Some(Record::Listing(listing)) = registry.record(Some(RecordKey::Listing(id))).expect("readable") else {
        panic!("no listing {id}");
    };
    let missing = if to == Grade::Yellow { vec![2] } else { Vec::new() };
    let listing = Record::Listing(Listing { grade: to, reason: None, missing, ..listing });
    registry.change(&author(), |changes| changes.put(&listing)).expect("a change");
}

#[test]
fn a_key_opens_what_it_was_given_for_and_nothing_when_it_is_gone() {
    let hub = world();
    let stranger = hub.get("/api/v1/listings", &[("authorization", "Bearer ggk_0")]);
    assert_eq!(stranger.header("www-authenticate"), "Bearer realm=\"greengate-hub\"");
    let says = "no platform has this key; show one as `authorization: Bearer …`, the authority gives them";
    assert_eq!(problem(&stranger), (401, says.to_owned()));
    assert_eq!(problem(&hub.get("/api/v1/listings", &[])).0, 401);
    let program = Program::new(&hub, "small", &[Scope::Labels], 100);
    let says = "the key lacks the scope `listings:read`; ask the authority for it";
    assert_eq!(problem(&program.get("/listings")), (403, says.to_owned()));
    for path in ["/suppliers/7", "/webhooks"] {
        assert_eq!(program.get(path).status, 403, "{path}");
    }
    assert_eq!(program.get("/lookup?text=hello").status, 200);
    let file = std::fs::read(hub.folder.path().join("platforms.db")).expect("a file");
    let wal = std::fs::read(hub.folder.path().join("platforms.db-wal")).unwrap_or_default();
    let secret = program.key.as_bytes();
    assert!(![file, wal].concat().windows(secret.len()).any(|window| window == secret), "keys are kept as digests");
    let again = Program::new(&hub, "small", &[Scope::Labels], 100);
    assert_eq!((program.get("/lookup?text=a").status, again.get("/lookup?text=a").status), (401, 200));
    Platforms::open(hub.folder.path()).expect("platforms").remove("small").expect("it was there");
    assert_eq!(again.get("/lookup?text=a").status, 401);
}

#[test]
fn the_command_gives_lists_and_removes_keys() {
    let world = world();
    let folder = world.folder.path();
    let given = hub(folder, &["platform", "add", "tmall", "--scope", "labels:read", "--rate", "5"]);
    assert_eq!(success(&given), "this key is shown once; the platform sends it as `authorization: Bearer KEY`\n");
    let key = String::from_utf8_lossy(&given.stdout).trim().to_owned();
    assert_eq!(Program { hub: &world, key }.get("/lookup?text=a").status, 200);
    let listed = hub(folder, &["platform", "list"]);
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(listed.starts_with("tmall: labels:read; 5 requests a minute; since "), "{listed}");
    success(&hub(folder, &["platform", "remove", "tmall"]));
    let said = failure(&hub(folder, &["platform", "remove", "tmall"]), 65);
    assert!(said.contains("there is no platform `tmall`; `greengate-hub platform list` tells them"), "{said}");
    let said = failure(&hub(folder, &["platform", "add", "a", "--scope", "all"]), 64);
    assert!(said.contains("`all` is none of `listings:read`"), "{said}");
}

#[test]
fn who_asks_too_often_is_told_when_to_come_again() {
    let hub = world();
    let program = Program::new(&hub, "small", &[Scope::Labels], 2);
    let first = program.get("/lookup?text=a");
    assert_eq!(first.header("ratelimit-policy"), "\"minute\";q=2;w=60");
    assert!(first.header("ratelimit").starts_with("\"minute\";r=1;t="));
    assert_eq!(program.get("/lookup?text=a").status, 200);
    let third = program.get("/lookup?text=a");
    assert_eq!(problem(&third).0, 429);
    assert!((1..=60).contains(&third.header("retry-after").parse::<u32>().expect("seconds")));
}

#[test]
fn listings_are_found_by_grade_supplier_and_product() {
    let hub = world();
    let program = Program::of(&hub);
    for (query, ids) in [
        ("", vec![17, 18, 19]),
        ("grade=yellow", vec![18]),
        ("supplier=9", vec![19]),
        ("supplier=9&grade=green", vec![]),
        ("gtin=6901234567892", vec![17, 18, 19]),
        ("gtin=06901234567892&grade=red", vec![19]),
        ("gtin=4006381333931", vec![]),
    ] {
        assert_eq!(program.ids(query), ids, "{query}");
    }
    let one = program.get("/listings/17").json();
    assert_eq!((&one["grade"], &one["supplier"]["id"]), (&json!("green"), &json!(7)));
    assert_eq!(one["documents"].as_array().expect("a list").len(), 2);
    assert!(!one.to_string().contains("SECRET"), "{one}");
    assert_eq!(problem(&program.get("/listings/4")), (404, "there is no listing `4` for this platform".to_owned()));
    for wrong in [
        "/listings?limit=0",
        "/listings?limit=201",
        "/listings?grade=blue",
        "/listings?cursor=x",
        "/listings?colour=red",
        "/listings/x",
    ] {
        assert_eq!(problem(&program.get(wrong)).0, 400, "{wrong}");
    }
}

#[test]
fn pages_leave_nothing_out_and_nothing_comes_twice_while_listings_change() {
    let hub = world();
    let program = Program::of(&hub);
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = program.get(&format!("/listings?limit=1{cursor}")).json();
        seen.extend(
            page["listings"]
                .as_array()
                .expect("a list")
                .iter()
                .map(|listing| listing["id"].as_u64().expect("a number")),
        );
        regrade(&hub, 17, if seen.len() % 2 == 0 { Grade::Green } else { Grade::Yellow });
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, [17, 18, 19]);
}

#[test]
fn what_changed_since_a_release_is_told_with_what_is_gone() {
    let hub = world();
    let program = Program::of(&hub);
    let mut registry = Registry::open(hub.folder.path()).expect("a registry");
    let release = registry.release(&author()).expect("a release").version;
    assert_eq!(program.get("/listings").json()["release"], release);
    assert_eq!(program.ids(&format!("changed_since={release}")), Vec::<u64>::new());
    regrade(&hub, 18, Grade::Green);
    let gone = registry.change(&author(), |changes| {
        changes.put(&Record::Listing(Listing {
            id: 99,
            gtin: "4006381333931".to_owned().try_into().expect("a GTIN"),
            ..listing(&registry_of(&hub))
        }))?;
        changes.drop(RecordKey::Listing(99))
    });
    gone.expect("changes");
    let page = program.get(&format!("/listings?changed_since={release}&limit=1")).json();
    assert_eq!((&page["listings"][0]["id"], &page["removed"]), (&json!(18), &json!([])));
    let next = page["next"].as_str().expect("a cursor").to_owned();
    let page = program.get(&format!("/listings?changed_since={release}&limit=1&cursor={next}")).json();
    assert_eq!((&page["listings"], &page["removed"]), (&json!([]), &json!([99])));
}

fn registry_of(hub: &Hub) -> Registry {
    Registry::open(hub.folder.path()).expect("a registry")
}

fn listing(registry: &Registry) -> Listing {
    match registry.record(Some(RecordKey::Listing(17))).expect("readable") {
        Some(Record::Listing(listing)) => listing,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_thousand_texts_are_looked_up_at_once() {
    let hub = world();
    let program = Program::of(&hub);
    let label = |index, key| format!("https://QR.EXAMPLE.COM{}", path(index, key, Some("701231"), None));
    let (green, own) = (label(1, DemoKey::Authority), label(5, DemoKey::Authority));
    let items = json!([green, own, label(1, DemoKey::Forger), label(77, DemoKey::Authority), "6901234567892", "hello"]);
    let all = program.post("/lookup", &json!({ "items": items })).json();
    let results = &all["results"];
    assert_eq!((&results[0]["kind"], &results[0]["listing"]["grade"]), (&json!("label"), &json!("green")));
    assert_eq!(
        results[0]["label"]["product"],
        json!({ "gtin": GTIN, "lot": "LJ-2604", "serial": "S.1", "good_until": "2070-12-31" })
    );
    assert_eq!((&results[1]["listing"]["id"], &results[1]["listing"]["grade"]), (&json!(17), &json!("red")));
    assert_eq!((&results[2]["kind"], &results[2]["refusal"]), (&json!("forged"), &json!("signature")));
    assert_eq!((&results[3]["kind"], &results[3]["listing"]), (&json!("label"), &Value::Null));
    assert_eq!(results[4]["listings"].as_array().map(Vec::len), Some(3));
    assert_eq!(results[5], json!({ "asked": "hello", "kind": "other" }));
    let many = vec![green.clone(); 1000];
    assert_eq!(
        program.post("/lookup", &json!({ "items": many })).json()["results"].as_array().map(Vec::len),
        Some(1000)
    );
    for wrong in [
        json!({ "items": [] }),
        json!({ "items": vec!["a"; 1001] }),
        json!({ "items": ["a".repeat(601)] }),
        json!({}),
        json!([]),
    ] {
        assert_eq!(problem(&program.post("/lookup", &wrong)).0, 400);
    }
    let bearer = format!("Bearer {}", program.key);
    let headers = [("authorization", &*bearer), ("content-type", "text/plain")];
    let plain = hub.send("POST", "/api/v1/lookup", &headers, "{}");
    assert_eq!(plain.status, 415);
}

#[test]
fn a_supplier_is_told_to_its_partners_alone() {
    let hub = world();
    let partner = Program::of(&hub).get("/suppliers/7").json();
    assert_eq!(
        (&partner["conditions"], &partner["contacts"][0]),
        (&json!("SECRET 5 %"), &json!("SECRET 138 0000 0000"))
    );
    let other = Program::new(&hub, "other", &Scope::ALL, 100).get("/suppliers/7");
    assert_eq!(problem(&other), (404, "there is no supplier `7` for this platform".to_owned()));
}

#[test]
fn a_request_that_is_sent_twice_is_carried_out_once() {
    let hub = world();
    let program = Program::of(&hub);
    let hook = |path: &str| {
        json!({ "url": format!("https://platform.example/{path}"), "secret": "0123456789abcdef" }).to_string()
    };
    let name = [("idempotency-key", "first")];
    let first = program.send("POST", "/webhooks", &name, &hook("a"));
    assert_eq!(first.status, 201);
    let id = first.json()["id"].as_str().expect("a name").to_owned();
    assert_eq!(first.header("location"), format!("/api/v1/webhooks/{id}"));
    assert!(!String::from_utf8_lossy(&first.bytes).contains("0123456789abcdef"), "a secret is never told");
    let second = program.send("POST", "/webhooks", &name, &hook("a"));
    assert_eq!(
        (second.status, second.json(), second.header("location")),
        (201, first.json(), first.header("location"))
    );
    assert_eq!(program.get("/webhooks").json()["webhooks"].as_array().map(Vec::len), Some(1));
    let another = program.send("POST", "/webhooks", &name, &hook("b"));
    assert_eq!(
        problem(&another),
        (409, "another request had this `idempotency-key`; give each request its own".to_owned())
    );
    for _ in 0..9 {
        assert_eq!(program.send("POST", "/webhooks", &[], &hook("c")).status, 201);
    }
    let says = "a platform has 10 webhooks at most; remove one first";
    assert_eq!(problem(&program.send("POST", "/webhooks", &[], &hook("d"))), (409, says.to_owned()));
    assert_eq!(program.send("DELETE", &format!("/webhooks/{id}"), &[], "").status, 204);
    assert_eq!(problem(&program.get(&format!("/webhooks/{id}"))).0, 404);
    assert_eq!(Program::new(&hub, "other", &Scope::ALL, 9).get("/webhooks").json(), json!({ "webhooks": [] }));
}

#[test]
fn a_platform_without_the_scope_has_no_webhooks_any_more() {
    let hub = world();
    let program = Program::of(&hub);
    let hook = json!({ "url": "https://platform.example/a", "secret": "0123456789abcdef" }).to_string();
    assert_eq!(program.send("POST", "/webhooks", &[], &hook).status, 201);
    drop(Program::new(&hub, "tmall", &[Scope::Labels], 100));
    assert_eq!(Program::of(&hub).get("/webhooks").json(), json!({ "webhooks": [] }));
}

#[test]
fn webhooks_lead_to_public_names_alone() {
    let hub = world();
    let program = Program::of(&hub);
    for url in [
        "http://platform.example/a",
        "https://10.0.0.1/",
        "https://localhost/",
        "https://user@platform.example/",
        "https://platform.example:8443/",
        "https://platform.example/?a",
        "https://[::1]/",
        "https://PLATFORM.example/",
        "https://-a.example/",
        "ftp://platform.example/",
    ] {
        let answer = program.post("/webhooks", &json!({ "url": url, "secret": "0123456789abcdef" }));
        assert_eq!(problem(&answer).0, 400, "{url}");
    }
}

#[test]
fn an_answer_that_is_known_is_not_sent_again() {
    let hub = world();
    let program = Program::of(&hub);
    let first = program.get("/listings");
    assert_eq!(first.header("cache-control"), "private, no-cache");
    let again = program.send("GET", "/listings", &[("if-none-match", first.header("etag"))], "");
    assert_eq!((again.status, again.bytes.len()), (304, 0));
    regrade(&hub, 17, Grade::Yellow);
    assert_eq!(program.send("GET", "/listings", &[("if-none-match", first.header("etag"))], "").status, 200);
}

#[test]
fn what_is_not_there_is_a_problem_too() {
    let hub = world();
    let program = Program::of(&hub);
    assert_eq!(problem(&program.get("/nothing")).0, 404);
    let wrong = program.send("DELETE", "/listings", &[], "");
    assert_eq!((problem(&wrong).0, wrong.header("allow")), (405, "GET,HEAD"));
    assert_eq!(problem(&program.send("POST", "/webhooks", &[], "{")).0, 400);
}

/// Objects with the same parts, lists of the same things; nothing may stand for anything.
fn same_shape(place: &str, example: &Value, real: &Value) {
    match (example, real) {
        (Value::Null, _) | (_, Value::Null) => {}
        (Value::Object(example), Value::Object(real)) => {
            let parts = |object: &serde_json::Map<String, Value>| object.keys().cloned().collect::<BTreeSet<_>>();
            assert_eq!(parts(example), parts(real), "{place}");
            example.iter().for_each(|(name, value)| same_shape(&format!("{place}/{name}"), value, &real[name]));
        }
        (Value::Array(example), Value::Array(real)) => {
            example.iter().zip(real).for_each(|(example, real)| same_shape(&format!("{place}/*"), example, real));
        }
        _ => assert_eq!(std::mem::discriminant(example), std::mem::discriminant(real), "{place}: {example} {real}"),
    }
}

#[test]
fn answers_look_as_the_description_says() {
    let hub = world();
    let description = hub.get("/api/v1/openapi.json", &[]);
    assert_eq!(description.header("content-type"), "application/json");
    let description = description.json();
    let program = Program::of(&hub);
    let made = program.post("/webhooks", &description["components"]["schemas"]["NewWebhook"]["example"]);
    assert_eq!(made.status, 400, "the example stands at the operation");
    let example = |path: &str, method: &str, status: &str| {
        let operation = &description["paths"][path][method];
        let body = operation["requestBody"]["content"]["application/json"]["example"].clone();
        (body, operation["responses"][status]["content"]["application/json"]["example"].clone())
    };
    let (body, answer) = example("/webhooks", "post", "201");
    let made = program.post("/webhooks", &body).json();
    same_shape("/webhooks", &answer, &made);
    let hook = format!("/webhooks/{}", made["id"].as_str().expect("a name"));
    let (body, answer) = example("/lookup", "post", "200");
    same_shape("/lookup", &answer, &program.post("/lookup", &body).json());
    for (path, asked) in [
        ("/listings", "/listings"),
        ("/listings/{id}", "/listings/17"),
        ("/lookup", "/lookup?text=6901234567892"),
        ("/suppliers/{id}", "/suppliers/7"),
        ("/webhooks", "/webhooks"),
        ("/webhooks/{id}", &hook),
        ("/webhooks/{id}/deliveries", &format!("{hook}/deliveries?state=dead")),
    ] {
        let (_, answer) = example(path, "get", "200");
        assert!(!answer.is_null(), "{path} has no example");
        same_shape(path, &answer, &program.get(asked).json());
    }
    let (_, listing) = example("/listings/{id}", "get", "200");
    assert_eq!(program.get("/listings/17").json(), listing);
}
