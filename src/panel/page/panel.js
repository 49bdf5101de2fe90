// The panel's page: shows what the kiosk's loop published, and on the virtual board sends what a person does.
// It decides nothing. A lamp goes dark here at its own end, and everything goes grey when no news arrives.
"use strict";

const $ = (id) => document.getElementById(id);
const NEWS_LIMIT_MS = 5000; // The server speaks every second.
const SILENCE_LIMIT_MS = 90000; // The same limit as /healthz.
const GLYPHS = { accept: "✓", hold: "▲", reject: "✕" };

const WORDS = {
  skip: ["跳到屏幕", "Skip to the screen"],
  demo: ["演示环境：此处的标签、供应商和结论均为虚构。", "Demo world: the labels, suppliers and verdicts here are made up."],
  connecting: ["连接中", "Connecting"], live: ["实时", "Live"], offline: ["连接中断", "No news"], silent: ["无响应", "Silent"],
  no_news: ["收不到设备的消息", "No news from the kiosk"],
  no_news_why: ["正在重新连接，指示灯状态未知。", "Trying again. What the lights show is not known."],
  silent_why: ["主程序 {n} 秒没有响应。", "Its loop has not turned for {n} s."],
  device: ["设备", "Kiosk"], delivery: ["到货批次", "Delivery"], lamp_test: ["灯光测试", "Lamp test"], review_passed: ["复核合格", "Passed"], review_failed: ["复核不合格", "Failed"], sync: ["同步", "Sync"],
  cache: ["名录缓存", "List of records"], clock: ["时钟", "Clock"], journal: ["日志", "Journal"],
  since: ["启动以来", "Since start"], delivery_open: ["本批次 {n}", "Delivery {n}"],
  last: ["最近结论", "Last verdicts"], verdict: ["结论", "Verdict"], product: ["产品", "Product"], why: ["原因", "Reason"],
  time: ["时间", "Time"], row: ["行号", "Row"],
  none_yet: ["还没有结论。请把标签放到摄像头前。", "No verdict yet. Hold a label in front of the camera."],
  camera: ["摄像头画面", "What the camera sees"], away: ["拿开", "Take away"], unplugged: ["摄像头已拔出", "Camera unplugged"],
  photo: ["照片…", "Photo…"], webcam: ["网络摄像头", "Webcam"], unplug: ["拔掉", "Unplug"], plug: ["插上", "Plug in"],
  drop_hint: ["可将照片拖放或粘贴到本页任意处。", "Drop or paste a photo anywhere on this page."],
  no_rack: ["这台设备没有演示标签。请把标签的照片或图片拖到本页，或打开网络摄像头对准打印的标签。", "This kiosk has no demo labels. Drop a photo or a picture of a label on this page, or hold a printed one up to your webcam."],
  drop: ["松开即可让摄像头看到这张照片", "Drop the photo to show it to the camera"],
  pose: ["手持方式", "How it is held"], reset: ["复位", "Reset"], rack: ["可出示的标签", "Labels to hold up"],
  several: ["同时多个", "Several at once"], own: ["任意文字（生成二维码）", "Any text as a QR code"], hold_up: ["出示", "Hold up"],
  clock_set: ["设备时钟", "Kiosk’s clock"], clock_right: ["准确", "right"], clock_behind: ["慢两年", "two years behind"],
  clock_30h: ["30 小时后", "30 hours later"], clock_4d: ["4 天后", "4 days later"], clock_10d: ["10 天后", "10 days later"],
  clock_ahead: ["快两年", "two years ahead"],
  all: ["全部", "All"], accept: ["放行", "Accept"], hold: ["暂存", "Hold"], reject: ["拒收", "Reject"], none: ["其他", "Other"],
  green: ["绿灯", "Green"], yellow: ["黄灯", "Yellow"], red: ["红灯", "Red"], dark: ["灯灭", "Lights off"],
  unknown: ["状态未知", "Not known"], steady: ["常亮", "steady"], slow: ["慢闪", "slow flash"], fast: ["快闪", "fast flash"],
  distance_cm: ["距离", "Distance"], tilt_deg: ["倾斜", "Tilt"], turn_deg: ["旋转", "Turn"], blur_px: ["模糊", "Blur"],
  glare: ["反光", "Glare"], light: ["光线", "Light"],
  missing: ["没有名录", "None loaded"], age: ["{n}前签发", "issued {n} ago"], days: ["{n} 天", "{n} d"], hours: ["{n} 小时", "{n} h"],
  minutes: ["{n} 分钟", "{n} min"], version: ["第 {n} 版", "Version {n}"], listings: ["{n} 条", "{n} listings"],
  display_dark: ["显示屏上看不到画面，指示灯照常：{n}", "Nothing can be seen on the display, the lights go on: {n}"],
  sync_now: ["立即同步", "Sync now"], synced: ["{n}前同步", "synced {n} ago"], sync_failed: ["同步失败：{n}", "sync failed: {n}"],
  never_synced: ["尚未同步", "not synced yet"], handed_up: ["已上报至 #{n}", "handed up to #{n}"],
  parked: ["{n} 行被搁置", "{n} rows put aside"],
  not_handed_up: ["上报失败：{n}", "not handed up: {n}"],
  no_hub: ["未登记到中心，所有行都会保留", "not enrolled at a hub: every row is kept"],
  normal: ["", ""], ageing: ["，变旧", ", ageing"], old: ["，不再放行", ", no more green"], dead: ["，停用", ", out of service"],
  trusted: ["可信", "trusted"], behind: ["慢了{n}，不可信", "{n} behind, not trusted"],
  ahead: ["快了{n}，不可信", "{n} ahead, not trusted"], not_judged: ["尚未判断", "not judged yet"],
  rows: ["已写入的行", "rows committed"], last_ms: ["上次结论 {n} 毫秒", "last verdict {n} ms"],
  sound_on: ["打开声音", "Turn the sound on"], sound_off: ["关闭声音", "Turn the sound off"],
  no_webcam: ["无法使用网络摄像头：{n}", "The webcam cannot be used: {n}"],
  insecure: ["浏览器只在 localhost 或 https 下开放摄像头", "browsers allow it on localhost or https only"],
  shown: ["照片已放到摄像头前。", "The photo is in front of the camera."],
  unreadable: ["浏览器也无法读取这张照片。", "The browser cannot read this picture either."],
  failed: ["没有送达：{n}", "Not sent: {n}"],
};
const SLUGS = {
  "show-one": ["请只出示一个标签", "Show one label"], "not-a-product": ["不是产品码", "Not a product code"],
  delivery: ["到货批次开始或结束", "A delivery starts or ends"],
  forged: ["伪造或损坏", "Forged or damaged"], red: ["红码", "Red"], "expired-goods": ["货物已过期", "Goods expired"],
  "already-taken-in": ["已入库", "Already taken in"], clock: ["时钟不可信", "Clock not trusted"],
  "label-expired": ["标签已过期", "Label expired"], "cache-old": ["名录过旧", "List too old"],
  "missing-documents": ["缺少文件", "Documents missing"], "new-green": ["新码，绿", "New, green"], "new-yellow": ["新码，黄", "New, yellow"],
  "new-red": ["新码，红", "New, red"], unsigned: ["标签未签名", "Label not signed"], "not-listed": ["未列入名录", "Not listed"],
  review: ["抽检", "Review"], "review-failed": ["复核不合格", "Failed its review"], accept: ["全部符合", "Everything in order"],
};
const SLIDERS = [ // name, least, most, step, unit, at rest: the ranges of the virtual board's pose
  ["distance_cm", 10, 60, 1, " cm", 22], ["light", 0, 1, 0.05, "", 0.8], ["tilt_deg", -60, 60, 1, "°", 0],
  ["turn_deg", -180, 180, 1, "°", 0], ["blur_px", 0, 12, 0.5, " px", 0], ["glare", 0, 1, 0.05, "", 0],
];

const kept = (() => { try { return window.localStorage; } catch { return null; } })();
let zh = (kept?.getItem("language") ?? navigator.language).startsWith("zh");
let status = null; // the newest status
let heard = 0; // when it came, by performance.now()
let stale = true;
let tones = {};

const word = (key, n) => (WORDS[key] ?? [key, key])[zh ? 0 : 1].replace("{n}", n ?? "");
const text = (both) => (both ? (zh ? both.zh || both.en : both.en || both.zh) : "");
const slugText = (slug) => (SLUGS[slug] ?? [slug, slug])[zh ? 0 : 1];

function make(tag, className, content) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (content !== undefined) element.textContent = content;
  return element;
}

function size(bytes) {
  if (bytes < 1e6) return bytes < 1000 ? `${bytes} B` : `${Math.round(bytes / 1000)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

function span(seconds) {
  const s = Math.abs(seconds);
  if (s >= 172800) return word("days", Math.floor(s / 86400));
  if (s >= 5400) return word("hours", Math.floor(s / 3600));
  return word("minutes", Math.floor(s / 60));
}

// An enum of serde's is a name or an object with the name as its only key.
const variant = (value) => (typeof value === "string" ? [value, null] : Object.entries(value ?? {})[0] ?? ["", null]);

function translate() {
  document.documentElement.lang = zh ? "zh-CN" : "en";
  for (const e of document.querySelectorAll("[data-t]")) e.textContent = word(e.dataset.t);
  for (const e of document.querySelectorAll("[data-tp]")) e.placeholder = word(e.dataset.tp);
  for (const e of document.querySelectorAll("[data-tl]")) e.setAttribute("aria-label", word(e.dataset.tl));
  $("language").textContent = zh ? "EN" : "中";
  $("plug").textContent = word($("plug").getAttribute("aria-pressed") === "true" ? "plug" : "unplug");
  soundButton();
  drawSliders();
  drawRack();
  $("camera").setAttribute("aria-label", word("camera"));
  if (status) showStatus(true);
}

// ---- news from the kiosk

let stream = null;
function listen() {
  stream = new EventSource("/events");
  stream.addEventListener("status", (event) => hear(JSON.parse(event.data)));
  stream.onerror = () => { stream.close(); lose(); setTimeout(listen, 2000); };
}

function hear(news) {
  const first = status === null;
  const before = status;
  status = news;
  heard = performance.now();
  const silent = news.age_ms > SILENCE_LIMIT_MS;
  if (silent) lose(); else if (stale) find();
  if (first || before.virtual_board !== news.virtual_board) showBoard();
  if (!first && news.sound && news.sound.serial !== before.sound?.serial) play(news.sound.tone);
  const seen = (of) => JSON.stringify([of.scene, of.journal_seq, of.journal, of.cache, of.sync, of.counters.last_verdict_us, of.kiosk]);
  if (first || seen(before) !== seen(news)) showStatus(false);
  showLights();
  if (first || before.screen_serial !== news.screen_serial) showScreen();
}

function find() {
  stale = false;
  document.body.classList.remove("stale");
  $("lost").hidden = true;
  pill("live", "live");
  showScreen();
}

function lose() {
  stale = true;
  const silent = stream?.readyState === EventSource.OPEN && status && status.age_ms > SILENCE_LIMIT_MS;
  document.body.classList.add("stale");
  $("lost").hidden = false;
  $("lost-why").textContent = silent ? word("silent_why", Math.floor(status.age_ms / 1000)) : word("no_news_why");
  pill("ill", silent ? "silent" : "offline");
  showLights();
}

function pill(className, key) {
  $("link").className = `pill ${className}`;
  $("link").replaceChildren(make("span", "", word(key)));
}

setInterval(() => { if (!stale && performance.now() - heard > NEWS_LIMIT_MS) lose(); }, 1000);

// ---- screen, lights, sound

let drawing = false;
let drawn = null;
async function showScreen() {
  if (drawing || !status || drawn === status.screen_serial) return;
  drawing = true;
  const serial = status.screen_serial;
  try {
    const answer = await fetch(`/screen.png?serial=${serial}`);
    if (answer.ok) {
      await paint($("screen"), await answer.blob());
      drawn = Number(answer.headers.get("x-screen-serial"));
      fitScreen();
    }
  } catch { /* The stream tells that the kiosk is gone. */ }
  drawing = false;
  if (status.screen_serial > serial && !stale) showScreen();
}

async function paint(canvas, blob) {
  const picture = await createImageBitmap(blob);
  if (canvas.width !== picture.width || canvas.height !== picture.height) {
    canvas.width = picture.width;
    canvas.height = picture.height;
  }
  canvas.getContext("2d").drawImage(picture, 0, 0);
  picture.close();
}

// A small display is shown larger, by a whole number so that every pixel stays a square.
function fitScreen() {
  const canvas = $("screen");
  const room = $("device").clientWidth - (window.innerWidth > 760 ? 170 : 60);
  const times = Math.max(1, Math.min(Math.floor(room / canvas.width), Math.floor(430 / canvas.height)));
  canvas.classList.toggle("crisp", times > 1);
  canvas.style.width = `${canvas.width * times}px`;
  $("size").textContent = `${canvas.width} × ${canvas.height}`;
}

let lampEnd = 0;
function showLights() {
  clearTimeout(lampEnd);
  const [name, on] = stale || !status ? ["off", null] : variant(status.lights);
  const left = on ? on.until.ms - status.moment.ms - status.age_ms - (performance.now() - heard) : 0;
  const lit = name === "on" && left > 0;
  const tower = $("tower");
  const lamp = lit ? on.lamp : "";
  const flash = lit ? on.flash : "";
  // Writing the same values again would start the flashing anew.
  if (tower.dataset.lit !== lamp) tower.dataset.lit = lamp;
  if (tower.dataset.flash !== flash) tower.dataset.flash = flash;
  const says = stale ? word("unknown") : lit ? `${word(lamp)} · ${word(flash)}` : word("dark");
  $("lamp-word").textContent = says;
  tower.setAttribute("aria-label", says);
  if (lit) lampEnd = setTimeout(showLights, Math.min(left, 2 ** 31 - 1));
}

let audio = null;
function soundButton() {
  const on = audio !== null && audio.state === "running";
  $("sound").setAttribute("aria-pressed", String(on));
  $("sound").title = word(on ? "sound_off" : "sound_on");
  $("sound").setAttribute("aria-label", $("sound").title);
}

$("sound").onclick = async () => {
  audio ??= new AudioContext();
  await (audio.state === "running" ? audio.suspend() : audio.resume());
  soundButton();
  if (audio.state === "running") play("notice");
};

function play(tone) {
  const beeps = tones[tone] ?? [];
  const button = $("sound");
  button.dataset.tone = tone;
  button.classList.add("plays");
  setTimeout(() => button.classList.remove("plays"), Math.max(400, beeps.reduce((sum, beep) => sum + beep.ms, 0)));
  if (audio?.state !== "running") return;
  let at = audio.currentTime + 0.02;
  for (const { hz, ms } of beeps) {
    if (hz > 0) beepAt(at, hz, ms / 1000);
    at += ms / 1000;
  }
}

function beepAt(at, hz, length) {
  const tone = audio.createOscillator();
  const loudness = audio.createGain();
  tone.type = "square";
  tone.frequency.value = hz;
  // A few milliseconds of slope, or the edges click.
  loudness.gain.setValueAtTime(0, at);
  loudness.gain.linearRampToValueAtTime(0.12, at + 0.005);
  loudness.gain.setValueAtTime(0.12, at + length - 0.005);
  loudness.gain.linearRampToValueAtTime(0, at + length);
  tone.connect(loudness).connect(audio.destination);
  tone.start(at);
  tone.stop(at + length);
}

// ---- figures and words

let spoken = "";
function showStatus(again) {
  const { scene, cache, counters } = status;
  const board = status.board === "board" ? "" : status.board; // Every kiosk's own file is called that.
  $("place").textContent = [scene.bar.site, status.kiosk, board, `v${status.version}`].filter(Boolean).join(" · ");
  document.title = `${status.kiosk} · Greengate`;
  $("demo").hidden = !status.demo;
  if (again) pill(stale ? "ill" : "live", stale ? "offline" : "live");
  const says = sceneText(scene.body);
  $("screen").setAttribute("aria-label", says);
  const [body] = variant(scene.body);
  if (says !== spoken && ["verdict", "notice", "fault", "summary"].includes(body)) $("speak").textContent = says;
  spoken = says;
  showCache(cache, scene.bar.cache, status.sync);
  const [kind, verdict] = variant(scene.body);
  for (const key of document.querySelectorAll("[data-review]")) key.hidden = !(kind === "verdict" && verdict.slug === "review");
  showClock(scene.bar);
  showJournal(status.journal, status.sync);
  $("display").hidden = !status.display;
  $("display").textContent = status.display ? word("display_dark", status.display) : "";
  showTally(scene.bar.delivery, counters);
  showVerdicts();
  showLights();
}

function sceneText(body) {
  const [name, is] = variant(body);
  if (name === "verdict") return `${word(is.outcome)}. ${text(is.product)} ${text(is.reason)} ${text(is.next)}`;
  if (name === "fault") return `${text(is.what)} ${text(is.next)} ${is.detail}`;
  if (name === "notice") return is === "show_one" ? slugText("show-one") : String(is).replaceAll("_", " ");
  if (name === "summary") return `${word("delivery")} ${is.id}: ✓ ${is.tally.accepted}, ▲ ${is.tally.held}, ✕ ${is.tally.rejected}`;
  return name.replaceAll("_", " ");
}

function fact(id, value, note, state) {
  const box = $(id);
  box.className = `card fact ${state}`;
  box.querySelector(".value").textContent = value;
  box.querySelector(".note").textContent = note;
  box.title = note;
}

function showCache(cache, age, sync) {
  for (const id of ["sync", "key-sync"]) $(id).hidden = !sync;
  const [name] = variant(age);
  const since = sync?.synced ? (Date.parse(status.at) - Date.parse(sync.synced)) / 1000 : null;
  const good = since === null ? word("never_synced") : word("synced", span(Math.max(0, since)));
  const synced = !sync ? "" : ` · ${good}${sync.bytes ? `, ${size(sync.bytes)}` : ""}`;
  const trouble = sync?.fault ? ` · ${word("sync_failed", sync.fault)}` : "";
  if (!cache) return fact("fact-cache", word("missing"), (synced + trouble).replace(" · ", ""), "ill");
  const state = { normal: "", ageing: "warn", old: "ill", dead: "ill", missing: "ill" }[name];
  const issued = word("age", span(cache.age_s)) + word(name);
  const note = `${word("listings", cache.listings)}, ${issued}${synced}${trouble}`;
  fact("fact-cache", word("version", cache.version), note, state || (trouble ? "warn" : ""));
}

function showJournal(journal, sync) {
  const { last_verdict_us } = status.counters;
  const speed = last_verdict_us ? word("last_ms", (last_verdict_us / 1000).toFixed(0)) : word("rows");
  const up = sync?.journal_fault ? word("not_handed_up", sync.journal_fault)
    : sync?.hub ? word("handed_up", sync.handed_up ?? 0) : status.demo ? "" : word("no_hub");
  const parked = sync?.parked ? word("parked", sync.parked) : "";
  const note = [speed, size(journal.bytes), up, parked].filter(Boolean).join(" · ");
  fact("fact-journal", `#${status.journal_seq}`, note, sync?.journal_fault || parked ? "warn" : "");
}

function showClock(bar) {
  const [name, off] = variant(bar.trust ?? "not_judged");
  fact("fact-clock", bar.clock ?? "– : –", word(name, span(off ?? 0)), name === "trusted" ? "" : "warn");
}

function showTally(delivery, counters) {
  const tally = delivery?.[1] ?? counters;
  $("tally-title").textContent = delivery ? word("delivery_open", delivery[0]) : word("since");
  $("n-accept").textContent = tally.accepted;
  $("n-hold").textContent = tally.held;
  $("n-reject").textContent = tally.rejected;
}

let newestRow = null;
function showVerdicts() {
  const known = newestRow;
  $("rows").replaceChildren(...status.verdicts.map((line) => {
    const row = make("tr", known !== null && line.seq > known ? "fresh" : "");
    const badge = make("span", `badge ${line.outcome}`, `${GLYPHS[line.outcome]} ${word(line.outcome)}`);
    const cells = [badge, make("span", "", text(line.name)), text(line.reason), "", `#${line.seq}`].map((content) => {
      const cell = make("td");
      cell.append(content);
      return cell;
    });
    if (line.gtin) cells[1].append(make("small", "", line.gtin));
    cells[3].className = "time";
    cells[3].textContent = line.clock; // The site's time, as on its screen, wherever the browser is.
    cells[4].className = "number";
    row.append(...cells);
    return row;
  }));
  newestRow = status.verdicts[0]?.seq ?? 0;
  $("empty").hidden = status.verdicts.length > 0;
}

// ---- the virtual board

let rack = [];
let filter = "all";
let held = new Set(); // ids in the rack
let ownText = "";
let shown = false; // a photograph or the webcam is in view
const pose = Object.fromEntries(SLIDERS.map(([name, , , , , rest]) => [name, rest]));

async function post(path, body, type) {
  try {
    const answer = await fetch(path, { method: "POST", body, headers: type ? { "content-type": type } : {} });
    if (answer.ok) return null;
    const told = await answer.json().catch(() => ({ error: `HTTP ${answer.status}` }));
    return told.error;
  } catch (fault) {
    return word("failed", fault.message);
  }
}

async function act(path, body, type) {
  const error = await post(path, body, type);
  if (error) toast(error);
  return !error;
}

let toastEnd = 0;
function toast(message) {
  clearTimeout(toastEnd);
  $("toast").textContent = message;
  $("toast").hidden = false;
  toastEnd = setTimeout(() => { $("toast").hidden = true; }, 6000);
}

async function showBoard() {
  for (const e of document.querySelectorAll(".acts")) e.hidden = !status.virtual_board;
  document.querySelector("main").classList.toggle("two", status.virtual_board);
  if (!status.virtual_board) return;
  const answer = await fetch("/rack.json");
  if (answer.ok) rack = await answer.json();
  drawRack();
  look();
}

function drawRack() {
  const kinds = ["all", "accept", "hold", "reject", "none"];
  const kindOf = (label) => label.expected ?? "none";
  $("filters").replaceChildren(...kinds.map((kind) => {
    const count = kind === "all" ? rack.length : rack.filter((label) => kindOf(label) === kind).length;
    const chip = make("button", "chip", `${GLYPHS[kind] ?? word(kind)} ${count}`);
    chip.setAttribute("aria-label", `${word(kind)}: ${count}`);
    chip.title = word(kind);
    chip.setAttribute("aria-pressed", String(kind === filter));
    chip.onclick = () => { filter = kind; drawRack(); $("filters").children[kinds.indexOf(kind)].focus(); };
    return chip;
  }));
  $("no-rack").hidden = rack.length > 0;
  for (const id of ["filters", "several"]) $(id).hidden = rack.length === 0;
  $("labels").replaceChildren(...rack.filter((label) => filter === "all" || kindOf(label) === filter).map(drawLabel));
  drawHeld();
}

function drawLabel(label) {
  const kind = label.expected ?? "none";
  const card = make("button", "label");
  card.dataset.id = label.id;
  const [first, second] = zh ? [label.title.zh, label.title.en] : [label.title.en, label.title.zh];
  card.append(make("strong", "", first || second), make("span", `mark ${kind}`, GLYPHS[kind] ?? "–"));
  const other = make("span", "second", second);
  other.lang = zh ? "en" : "zh-CN";
  card.append(other, make("span", "about", text(label.about)));
  card.title = `${text(label.about)} → ${slugText(label.slug)}`;
  card.onclick = (event) => take(label.id, event.shiftKey || event.ctrlKey || event.metaKey);
  return card;
}

function drawHeld() {
  for (const card of $("labels").children) card.setAttribute("aria-pressed", String(held.has(card.dataset.id)));
  $("away").disabled = held.size === 0 && !ownText && !shown;
}

// A click holds the label up in place of the others; a second click takes it away.
function take(id, alsoOthers) {
  const wasHeld = held.has(id);
  const several = alsoOthers || $("several").getAttribute("aria-pressed") === "true";
  if (!several) held.clear();
  if (wasHeld) held.delete(id); else held.add(id);
  ownText = "";
  holdUp();
}

let sending = false;
let again = false;
async function holdUp() {
  stopWebcam();
  shown = false;
  drawHeld();
  if (sending) { again = true; return; }
  sending = true;
  do {
    again = false;
    await act("/hold-up", JSON.stringify({ ids: [...held], texts: ownText ? [ownText] : [], pose }), "application/json");
  } while (again);
  sending = false;
}

function takeAway() {
  held.clear();
  ownText = "";
  holdUp();
}

$("away").onclick = takeAway;
$("several").onclick = (event) => {
  const on = event.currentTarget.getAttribute("aria-pressed") !== "true";
  event.currentTarget.setAttribute("aria-pressed", String(on));
};
$("own").onsubmit = (event) => {
  event.preventDefault();
  ownText = $("own-text").value;
  held.clear();
  holdUp();
};
$("clock").onchange = (event) => act(`/clock?offset_s=${event.target.value}`);
$("plug").onclick = async () => {
  const unplugged = $("plug").getAttribute("aria-pressed") === "true";
  if (!await act(unplugged ? "/camera/plug" : "/camera/unplug")) return;
  $("plug").setAttribute("aria-pressed", String(!unplugged));
  $("plug").textContent = word(unplugged ? "unplug" : "plug");
  $("unplugged").hidden = unplugged;
};
for (const key of document.querySelectorAll("[data-post]")) key.onclick = () => act(key.dataset.post);

function drawSliders() {
  $("sliders").replaceChildren(...SLIDERS.map(([name, least, most, step, unit]) => {
    const label = make("label", "slider");
    const value = make("output");
    const input = make("input");
    Object.assign(input, { type: "range", min: least, max: most, step, id: name, value: pose[name] });
    const tell = () => { value.textContent = unit ? `${pose[name]}${unit}` : `${Math.round(pose[name] * 100)} %`; };
    input.oninput = () => { pose[name] = Number(input.value); tell(); if (held.size > 0 || ownText) holdUp(); };
    tell();
    label.append(make("span", "", word(name)), value, input);
    return label;
  }));
}

$("reset").onclick = (event) => {
  event.preventDefault(); // It stands in a summary, which would close.
  for (const [name, , , , , rest] of SLIDERS) pose[name] = rest;
  drawSliders();
  if (held.size > 0 || ownText) holdUp();
};

let looking = false;
async function look() {
  if (looking) return;
  looking = true;
  while (status.virtual_board && !stale) {
    if (!document.hidden) {
      try {
        const answer = await fetch("/camera.png");
        if (answer.ok) await paint($("camera"), await answer.blob());
      } catch { break; }
    }
    await new Promise((done) => setTimeout(done, 200));
  }
  looking = false;
  if (!stale) setTimeout(look, 1000);
}

// ---- photographs and the webcam

async function showPhoto(file) {
  stopWebcam();
  const known = ["image/png", "image/jpeg"].includes(file.type) && file.size <= 16 * 1024 * 1024;
  const error = known ? await post("/picture", file, file.type) : await showThroughBrowser(file);
  if (error) return toast(error);
  held.clear();
  ownText = "";
  shown = true;
  drawHeld();
  toast(word("shown"));
}

// The browser reads more formats than the kiosk, and makes large pictures smaller.
async function showThroughBrowser(file) {
  try {
    const picture = await createImageBitmap(file);
    const times = Math.min(1, 3600 / Math.max(picture.width, picture.height));
    const [width, height] = [Math.round(picture.width * times), Math.round(picture.height * times)];
    return await sendGrey(picture, width, height, 0);
  } catch {
    return word("unreadable");
  }
}

function sendGrey(source, width, height, ms) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(source, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  const grey = new Uint8Array(width * height);
  // The weights of BT.601, in 256ths.
  for (let i = 0, at = 0; i < grey.length; i += 1, at += 4) grey[i] = (77 * data[at] + 150 * data[at + 1] + 29 * data[at + 2]) >> 8;
  return post(`/picture?ms=${ms}&width=${width}&height=${height}`, grey, "application/octet-stream");
}

let camera = null;
$("webcam").onclick = () => (camera ? stopWebcam() : startWebcam());

async function startWebcam() {
  if (!navigator.mediaDevices) return toast(word("no_webcam", word("insecure")));
  try {
    const wish = { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } };
    camera = await navigator.mediaDevices.getUserMedia({ video: wish, audio: false });
  } catch (fault) {
    return toast(word("no_webcam", fault.message));
  }
  held.clear();
  ownText = "";
  shown = true;
  drawHeld();
  $("webcam").setAttribute("aria-pressed", "true");
  $("video").srcObject = camera;
  await $("video").play();
  while (camera) {
    const { videoWidth: width, videoHeight: height } = $("video");
    const error = width ? await sendGrey($("video"), width, height, 1500) : null;
    if (error) { toast(error); stopWebcam(); }
    await new Promise((done) => setTimeout(done, 200));
  }
}

function stopWebcam() {
  for (const track of camera?.getTracks() ?? []) track.stop();
  camera = null;
  $("video").srcObject = null;
  $("webcam").setAttribute("aria-pressed", "false");
}

const photoIn = (list) => [...(list ?? [])].find((file) => file.type.startsWith("image/"));
$("file").onchange = (event) => { const file = event.target.files[0]; event.target.value = ""; if (file) showPhoto(file); };
document.addEventListener("paste", (event) => {
  const file = photoIn(event.clipboardData?.files);
  if (file && status?.virtual_board) showPhoto(file);
});
document.addEventListener("dragover", (event) => {
  event.preventDefault();
  if (status?.virtual_board && event.dataTransfer.types.includes("Files")) $("dropzone").hidden = false;
});
document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) $("dropzone").hidden = true; });
document.addEventListener("drop", (event) => {
  event.preventDefault();
  $("dropzone").hidden = true;
  const file = event.dataTransfer.files[0];
  if (file && status?.virtual_board) showPhoto(file);
});
document.addEventListener("keydown", (event) => { if (event.key === "Escape" && !$("away").disabled) takeAway(); });

$("language").onclick = () => {
  zh = !zh;
  kept?.setItem("language", zh ? "zh" : "en");
  translate();
};
window.addEventListener("resize", () => { if (drawn !== null) fitScreen(); });

translate();
listen();
fetch("/tones.json").then((answer) => answer.json()).then((all) => { tones = all; }).catch(() => {});
