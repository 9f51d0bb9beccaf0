// The page goes on by its record, a script in a folder that stays where it is: no page loaded from a file may read
// anything else, and a page that is not left cannot die when its own folder is renamed or the share goes away.
"use strict";
const notices = document.getElementById("notices");
const SENTINEL = "../.zimage-worker-root.json";  // lies in every outbox, so without it the share is away
const FORM = 1;                                  // of the record, as live_page.py writes it
const PATIENCE_S = 20;                           // a share that hangs says nothing at all
const now = () => performance.now() / 1000;
let readS = 5;          // between two looks
let at = new Date(notices.dataset.at);
let nextWordS = Number(notices.dataset.next);
let known = null;       // the moment of the record as this page last read it
let changedS = null;    // when this page saw it change
let awayAt = null;
let isOver = false;
let timer = 0;

function show(name, fill) {
  document.body.classList.toggle("is-old", ["old", "away", "unknown"].includes(name));
  for (const one of notices.children) one.hidden = one.id !== name;
  const shown = name && document.getElementById(name);
  if (shown && fill) fill(shown);
}
// A script that is there is fetched, whatever is in it: of JSON and HTML the browser takes nothing but that.
function fetched(source, then) {
  const script = document.createElement("script");
  let isTold = false;
  const tell = (isThere) => {
    if (isTold) return;
    isTold = true;
    script.remove();
    then(isThere);
  };
  script.onload = () => tell(true);
  script.onerror = () => tell(false);
  setTimeout(tell, PATIENCE_S * 1000, false);
  script.src = `${source}?${Date.now()}`;
  document.head.append(script);
}
function look() {
  clearTimeout(timer);
  if (isOver) return;
  timer = setTimeout(look, readS * 1000);
  if (document.hidden) return;  // nobody looks: nothing is read
  fetched(notices.dataset.record, (isThere) => {
    if (isOver) return;
    if (isThere) awayAt = null, age();
    else fetched(SENTINEL, (isShareThere) => isShareThere ? missing() : away());
  });
}
function away() {
  awayAt ??= new Date();
  show("away", (notice) => { notice.querySelector("time").textContent = said(awayAt, { clock: true, seconds: true }); });
}
function missing() {  // no record yet, or none any more
  awayAt = null;
  if (known === null) return age();
  show("unknown");
}
// By this page's own watch once it has seen the record change; before that, by the reader's clock.
function age() {
  const silentS = changedS === null ? (Date.now() - at) / 1000 : now() - changedS;
  if (silentS <= nextWordS) return show("");
  show("old", (notice) => { notice.querySelector("time").textContent = said(at, { clock: true, seconds: true }); });
}
function put(part, html) {
  const place = document.getElementById(part);
  const focused = document.activeElement;
  const made = document.createElement("template");
  made.innerHTML = html;
  for (const one of made.content.querySelectorAll("[data-key]")) {  // what stands there already stays as it is
    const former = place.querySelector(`[data-key="${CSS.escape(one.dataset.key)}"]`);
    if (former && former.innerHTML === one.innerHTML) one.replaceWith(former);
  }
  localise(made.content);
  place.replaceChildren(made.content);
  if (focused?.isConnected) focused.focus({ preventScroll: true });
}
function lead(href, name) {
  isOver = true;
  const probe = href.replace(/error\.txt$/, "error.json");  // a text of anybody's must not be read as a script
  fetched(probe, (isThere) => {
    if (!isThere) {
      show("gone", (notice) => { notice.querySelector("strong").textContent = name; });
      return;
    }
    show("ended", (notice) => { notice.querySelector("a").href = href; notice.querySelector("a").textContent = name; });
    location.replace(href);
  });
}
function isHere(href) {
  try {
    return decodeURI(new URL(href, location).pathname) === decodeURI(location.pathname);
  } catch {  // a name that is no UTF-8
    return true;
  }
}
// Another worker has taken the job over, or it was taken up again: its page lies in another folder now.
function follow(href) {
  fetched(href, (isThere) => {
    if (!isThere || isOver) return;
    isOver = true;
    location.replace(href);
  });
}
// The record calls this. `told` of a job that has ended: href and name; of one in work: see live_page.py.
window.zimageLive = (told) => {
  if (isOver) return;
  if (told.ended) return lead(told.href, told.name);
  if (told.at === known) return;
  if (told.form !== FORM || !isHere(told.href)) follow(told.href);
  if (told.form !== FORM) return;
  if (known !== null) changedS = now();
  known = told.at;
  at = new Date(told.at);
  nextWordS = told.next_word_s;
  readS = told.read_s;
  document.title = told.title;
  const pill = document.querySelector(".pill");
  pill.className = `pill ${told.state}`;
  pill.textContent = told.word;
  for (const [part, html] of Object.entries(told.parts)) put(part, html);
};
document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
window.addEventListener("pageshow", (event) => { if (event.persisted) look(); });
look();
