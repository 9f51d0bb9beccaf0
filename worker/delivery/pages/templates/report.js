// Comfort only: times by the reader's own clock, with their day where they are not of this night.
"use strict";
const middle = new Date(document.body.dataset.middle);
document.querySelectorAll("time").forEach((time) => {
  const at = new Date(time.dateTime);
  if (isNaN(at)) return;
  const day = Math.abs(at - middle) < 18 * 3600e3 ? {} : { dateStyle: "medium" };
  time.title = time.textContent;
  time.textContent = at.toLocaleString(document.documentElement.lang, { ...day, timeStyle: "short", hourCycle: "h23" });
});
