// Moments as the reader's clock and language have them; a page opened years later still says its moments rightly.
"use strict";
function said(moment, { clock = false, seconds = false } = {}) {
  const isToday = moment.toDateString() === new Date().toDateString();
  const day = clock && isToday ? {} : { dateStyle: "medium" };
  return moment.toLocaleString(document.documentElement.lang, { ...day, timeStyle: seconds ? "medium" : "short", hourCycle: "h23" });
}
function localise(root) {
  root.querySelectorAll("time[datetime]").forEach((time) => {
    const moment = new Date(time.dateTime);
    if (isNaN(moment)) return;
    time.title = time.textContent;
    const { clock, seconds } = time.dataset;
    time.textContent = said(moment, { clock: clock !== undefined || seconds !== undefined, seconds: seconds !== undefined });
  });
}
localise(document);
