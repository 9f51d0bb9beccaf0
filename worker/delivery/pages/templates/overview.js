// The page says everything without it. With it: times by the reader's clock, a warning when it is old, and news.
"use strict";
const page = document.body.dataset;
const language = document.documentElement.lang;
const askMs = 1000 * page.askS;
const oldMs = 1000 * page.oldS;
const quietMs = 1000 * page.quietS;
const clockMs = 5000;

function said(at) {
  const near = Math.abs(Date.now() - at) < 18 * 3600e3;
  return at.toLocaleString(language, { ...(near ? {} : { dateStyle: "medium" }), timeStyle: "short", hourCycle: "h23" });
}
function show(time, at) {
  if (isNaN(at)) return;
  time.dateTime = at.toISOString();
  time.textContent = said(at);
  time.title = at.toLocaleString(language, { hourCycle: "h23" });
}
function tell(selector, isSo) {
  document.querySelector(selector).hidden = !isSo;
}
document.querySelectorAll("time").forEach((time) => show(time, new Date(time.dateTime)));

// Is it old? By the reader's clock, and by how long nothing new was heard while the page was open.
let heard = new Date(page.asOf);
let changedMs = null;
let quietFor = 0;  // milliseconds without news in which somebody looked and so they were asked for
function lookAtClock() {
  const openMs = performance.now() - (changedMs ?? 0);
  const isOld = openMs > oldMs || (changedMs === null ? Date.now() - heard > oldMs : quietFor > quietMs);
  document.querySelectorAll(".heard").forEach((time) => show(time, heard));
  const minutes = Math.round((heard - Date.now()) / 60e3);
  const [count, unit] = minutes > -90 ? [minutes, "minute"] : minutes > -2880 ? [Math.round(minutes / 60), "hour"] : [Math.round(minutes / 1440), "day"];
  const ago = minutes < 0 ? new Intl.RelativeTimeFormat(language, { numeric: "always" }).format(count, unit) : "";
  document.querySelector(".ago").textContent = ago && ` (${ago})`;
  document.body.classList.toggle("is-old", isOld);
  tell(".old", isOld);
}

// News: a small file beside the page is loaded again and again; the page itself only where there is a newer one.
let answered = false;
let askedMs = null;
window.zimageWorkerNews = (news) => {
  answered = true;
  tell(".gone", false);
  const at = new Date(news.at);
  if (!isNaN(at) && +at !== +heard) {
    heard = at;
    changedMs = performance.now();
    quietFor = 0;
  }
  lookAtClock();
  if (typeof news.page === "string" && news.page !== page.page && isNew(news.page)) location.reload();
};
function isNew(name) {  // a page that could not be written must not be loaded for ever
  try {
    if (sessionStorage.getItem("zimage-worker") === name) return false;
    sessionStorage.setItem("zimage-worker", name);
  } catch { /* no storage: once in a while does no harm */ }
  return true;
}
function ask() {
  if (document.hidden || (askedMs !== null && performance.now() - askedMs < 6 * askMs)) return;
  const probe = document.createElement("script");
  askedMs = performance.now();
  probe.onload = probe.onerror = (event) => {
    askedMs = null;
    probe.remove();
    if (event.type === "error" && answered) {
      const lost = document.querySelector(".lost");
      if (document.querySelector(".gone").hidden) show(lost, new Date());
      tell(".gone", true);
    }
  };
  probe.src = `${page.news}?${Date.now()}`;
  document.head.append(probe);
}
// What is unfolded stays so when the page loads itself; on paper everything is.
const folded = [...document.querySelectorAll("details")];
folded.forEach((one, i) => {
  try { one.open = sessionStorage.getItem(`zimage-worker-${i}`) === "open"; } catch { /* likewise */ }
  one.addEventListener("toggle", () => {
    try { sessionStorage.setItem(`zimage-worker-${i}`, one.open ? "open" : ""); } catch { /* likewise */ }
  });
});
addEventListener("beforeprint", () => folded.forEach((one) => { one.open = true; }));

lookAtClock();
ask();  // at once: the share is there, as the page has just come from it
setInterval(() => {
  if (!document.hidden) quietFor += clockMs;
  lookAtClock();
}, clockMs);
setInterval(ask, askMs);
document.addEventListener("visibilitychange", ask);
