// Chapters: seek inside the page, and mark the one that plays. Without this the links open the film at their time.
(() => {
  "use strict";
  const video = document.getElementById("video");
  if (!video) return;
  const chapters = [...document.querySelectorAll(".chapters a[data-seek]")];
  const starts = chapters.map((link) => Number(link.dataset.seek));
  const seek = (seconds) => {
    video.currentTime = seconds;
    // A browser may want a gesture before it plays; the picture is there all the same.
    const played = video.play();
    if (played) played.catch(() => {});
  };
  const current = () => {
    let at = -1;
    starts.forEach((start, n) => { if (start <= video.currentTime + 0.05) at = n; });
    return at;
  };
  const mark = () => {
    const at = current();
    chapters.forEach((link, n) => {
      if (n === at) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
  };
  document.querySelectorAll("a[data-seek]").forEach((link) => {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      seek(Number(link.dataset.seek));
      video.scrollIntoView({ block: "nearest" });
      mark();
    });
  });
  video.addEventListener("keydown", (event) => {
    const step = { "[": -1, "]": 1 }[event.key];
    if (step === undefined || starts.length === 0) return;
    event.preventDefault();
    seek(starts[Math.min(Math.max(current() + step, 0), starts.length - 1)]);
  });
  ["timeupdate", "seeked", "loadedmetadata"].forEach((name) => video.addEventListener(name, mark));
})();
