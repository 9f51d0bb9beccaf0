// Comfort only: times by the reader's own clock.
"use strict";
document.querySelectorAll("time").forEach((time) => {
  const at = new Date(time.dateTime);
  if (!isNaN(at)) time.textContent = at.toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short", hourCycle: "h23" });
});
