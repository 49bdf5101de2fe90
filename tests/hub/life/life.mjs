// The whole life of a listing, as people live it: a supplier files a product, an officer assesses it, a label is printed, a
// kiosk says yellow, then green, then red. Every page on the way is looked at by axe-core.
//
// tests/hub/life.rs starts the authority and the kiosk and says in one JSON argument where they are.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { strict as assert } from "node:assert";

const life = JSON.parse(process.argv[2]);
const require = createRequire(join(life.modules, "package.json"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const GTIN = "09521110002056";
const today = new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 10);
let looked = 0;

/** Nothing on this page is a serious hindrance to anybody. */
async function look(page) {
  await page.evaluate(`${axe}; undefined`);
  const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  const told = grave.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(" | ")}`);
  assert.deepEqual(told, [], page.url());
  looked += 1;
  await shoot(page);
}

/** Pictures for a person, if somebody wants them: both languages, wide and on a telephone. */
async function shoot(page) {
  if (!life.shots) return;
  mkdirSync(life.shots, { recursive: true });
  const name = `${String(looked).padStart(2, "0")}-${new URL(page.url()).pathname.slice(1).replaceAll("/", "-")}`;
  for (const [size, viewport] of [["wide", { width: 1280, height: 900 }], ["phone", { width: 390, height: 844 }]]) {
    await page.setViewportSize(viewport);
    await page.screenshot({ path: join(life.shots, `${name}-${size}.png`), fullPage: true });
  }
  await page.setViewportSize({ width: 1280, height: 900 });
}

async function visit(page, path) {
  const answer = await page.goto(life.hub + path);
  assert.equal(answer.status(), 200, path);
  await look(page);
}

/** Sends the form that this button is of, and looks at what comes. */
async function send(page, button) {
  await Promise.all([page.waitForNavigation(), button.click()]);
  const wrong = await page.locator(".trouble[role=alert]").allTextContents();
  assert.deepEqual(wrong, [], page.url());
  await look(page);
}

async function somebody(browser, name, locale = "en-US") {
  const context = await browser.newContext({ locale, viewport: { width: 1280, height: 900 }, acceptDownloads: true });
  const page = await context.newPage();
  page.on("pageerror", (error) => assert.fail(`${page.url()}: ${error}`));
  page.setDefaultTimeout(60_000);
  await visit(page, "/enter");
  await page.fill("[name=name]", name);
  await page.fill("[name=password]", life.passwords[name]);
  await send(page, page.locator("main form button").first());
  return page;
}

/** The file that a form answers with, under a name of its own. */
async function download(page, button, name) {
  const [file] = await Promise.all([page.waitForEvent("download"), button.click()]);
  assert.match(file.suggestedFilename(), /^labels-\d+\.pdf$/);
  const path = join(life.folder, name);
  await file.saveAs(path);
  return path;
}

/** A printed page as a picture. */
function printed(pdf) {
  const picture = pdf.replace(/\.pdf$/, ".png");
  const [program, ...more] = life.raster;
  const gs = ["-q", "-dSAFER", "-dBATCH", "-dNOPAUSE", "-r300", "-sDEVICE=pnggray", `-sOutputFile=${picture}`, pdf];
  const ppm = ["-r", "300", "-gray", "-png", "-singlefile", pdf, picture.replace(/\.png$/, "")];
  execFileSync(program, [...more, ...(program.endsWith("gs") ? gs : ppm)]);
  return picture;
}

/** What a reader that is not ours finds in a picture. */
function read(reader, picture) {
  const [program, ...more] = reader;
  return execFileSync(program, [...more, picture], { encoding: "utf8" }).split("\n").filter((line) => line).sort();
}

async function document(page, listing, kind, fields) {
  await visit(page, `/desk/listing/${listing}/file?kind=${kind}`);
  for (const [name, text] of Object.entries({ issued: today, ...fields })) await page.fill(`[name="${name}"]`, text);
  await page.setInputFiles("[name=file]", life.scan);
  await send(page, page.locator("main form .acts button"));
}

/** The officer accepts whatever waits of a listing. */
async function accept(page, listing) {
  await visit(page, "/console/inbox");
  assert.ok(await page.locator(`a[href="/console/listings/${listing}"]`).count(), "it waits in the inbox");
  await visit(page, `/console/listings/${listing}`);
  const waiting = page.locator("button[name=state][value=accepted]");
  for (let left = await waiting.count(); left > 0; left = await waiting.count()) {
    const form = page.locator("form", { has: waiting.first() }).first();
    await form.locator("[name=why]").fill("compared with the original");
    await send(page, waiting.first());
    if (!page.url().endsWith(`/console/listings/${listing}`)) await visit(page, `/console/listings/${listing}`);
  }
}

async function assess(page, listing) {
  for (const kind of ["production", "quality-control", "shipment", "operation"]) {
    await visit(page, `/console/listings/${listing}`);
    const form = page.locator("form", { has: page.locator(`input[name=kind][value="${kind}"]`) });
    await form.locator("[name=score]").fill("85");
    await form.locator("[name=note]").fill("seen at a visit");
    await send(page, form.locator("button"));
  }
}

async function publish(page) {
  await visit(page, "/console/publish");
  await send(page, page.locator('form[action="/console/publish"] button'));
}

const kiosk = {
  async status() {
    return (await fetch(`${life.kiosk}/status.json`)).json();
  },
  async post(path, body, type) {
    const headers = { Origin: life.kiosk, ...(type && { "Content-Type": type }) };
    const answer = await fetch(life.kiosk + path, { method: "POST", headers, body });
    assert.ok(answer.ok, `${path}: ${answer.status} ${await answer.text()}`);
  },
  async until(found, what) {
    for (const end = Date.now() + 120_000; Date.now() < end; ) {
      const seen = found(await this.status());
      if (seen) return seen;
    }
    assert.fail(`${what} never came: ${JSON.stringify(await this.status())}`);
  },
  /** Brings the newest list. */
  async sync(release) {
    await this.post("/sync");
    await this.until((status) => status.cache?.version >= release, `release ${release}`);
  },
  /** Shows a picture, and takes it away once there is a verdict on it. */
  async shown(picture) {
    await this.post("/picture?ms=0", readFileSync(picture), "image/png");
    const verdict = await this.until((status) => status.scene?.body?.verdict, "a verdict");
    await this.post("/hold-up", "{}", "application/json");
    await this.until((status) => status.scene?.body === "ready", "an empty view");
    return verdict;
  },
};

async function release(page) {
  await visit(page, "/console/publish");
  return Number(await page.locator("main .figure").first().innerText());
}

const browser = await chromium.launch({ executablePath: life.chromium, args: ["--no-sandbox"] });
try {
  const wang = await somebody(browser, "wang");
  await visit(wang, "/desk/new");
  await visit(wang, "/desk/new?category=shampoo");
  await wang.fill("[name=gtin]", "09521110002057");
  await wang.locator("#gtin-told.wrong").waitFor();
  await wang.fill("[name=gtin]", GTIN);
  await wang.locator("#gtin-told.hint").waitFor();
  await wang.fill("[name=name_zh]", "姜汁洗发水 400 ml");
  await wang.fill("[name=name_en]", "Ginger shampoo 400 ml");
  for (const kind of ["production", "quality-control", "shipment", "operation"]) {
    await wang.fill(`[name="declared-${kind}"]`, "as for our other shampoos");
    await wang.fill(`[name="evidence-${kind}"]`, "site visit");
  }
  await send(wang, wang.locator("main form .acts button"));
  const listing = wang.url().match(/listing\/(\d+)/)[1];
  await document(wang, listing, "cosmetics-production-licence", { number: "浙妆20260021", issuer: "浙江省药品监督管理局" });
  await document(wang, listing, "cosmetics-filing", { number: "浙G妆网备字2026000123", issuer: "浙江省药品监督管理局" });
  await document(wang, listing, "cosmetics-safety-assessment", { number: "SA-26-1101", issuer: "Xixi Spring Toiletries" });

  const mei = await somebody(browser, "mei");
  await accept(mei, listing);
  await assess(mei, listing);
  await visit(mei, `/console/listings/${listing}/labels`);
  await mei.fill("[name=count]", "1");
  await mei.fill("[name=host]", "QR.EXAMPLE.COM");
  await mei.selectOption("[name=paper]", "50x30");
  const label = printed(await download(mei, mei.locator('form[action$="/labels"] button'), "label.pdf"));
  await publish(mei);
  await kiosk.sync(await release(mei));
  const yellow = await kiosk.shown(label);
  assert.equal(yellow.outcome, "hold", JSON.stringify(yellow));
  assert.match(JSON.stringify(yellow), /Quality-check report/);

  const values = { "lead-value": "1.2", "arsenic-value": "<0.1", "mercury-value": "<0.01", "cadmium-value": "<0.2", "total-plate-count-value": "<10", "methanol-value": "35" };
  await document(wang, listing, "inspection-report", { number: "QX-26-1101", issuer: "Qiantang Testing", ...values });
  await accept(mei, listing);
  await publish(mei);
  await kiosk.sync(await release(mei));
  const green = await kiosk.shown(label);
  assert.equal(green.outcome, "accept", JSON.stringify(green));

  await visit(wang, `/desk/listing/${listing}/labels`);
  await wang.fill("[name=count]", "5");
  const sheet = printed(await download(wang, wang.locator("main form .acts button"), "sheet.pdf"));
  for (const reader of life.readers) {
    const texts = read(reader, sheet);
    assert.equal(texts.length, 5, `${reader}: ${texts}`);
    assert.ok(texts.every((text) => text.includes(`/01/${GTIN}/21/S-`)), texts.join("\n"));
  }

  await visit(mei, `/console/listings/${listing}/revoke`);
  for (const field of ["zh", "en", "why"]) await mei.fill(`main [name=${field}]`, "recalled: loose caps");
  await mei.locator("main input[name=sure]").check();
  await send(mei, mei.locator("main form button.grave"));
  await publish(mei);
  await kiosk.sync(await release(mei));
  const red = await kiosk.shown(label);
  assert.equal(red.outcome, "reject", JSON.stringify(red));

  for (const [page, paths] of [[wang, ["/desk", "/desk/firm", `/desk/listing/${listing}/capacities`, `/desk/listing/${listing}?lang=zh`, "/desk?lang=zh"]], [mei, ["/console/inbox?lang=zh"]]]) {
    for (const path of paths) await visit(page, path);
  }
  console.log(`looked at ${looked} pages`);
} finally {
  await browser.close();
}
