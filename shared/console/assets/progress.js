// While a run is under way its page looks again by itself. Without this there is a link that does.
(() => {
  "use strict";
  const every = 3000;
  let left = 400;
  const moving = () => document.querySelector("#work[data-look-again]");
  const look = async () => {
    left -= 1;
    try {
      const answer = await fetch(location.pathname, { credentials: "same-origin", redirect: "error" });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const now = page.querySelector("#work");
      if (!now || !now.hasAttribute("data-look-again")) {
        location.reload();
        return;
      }
      const words = now.querySelector("p");
      const shown = document.querySelector("#work p");
      // Told once a change, so that a reader of the screen is not told the same again and again.
      if (words && shown && words.textContent !== shown.textContent) shown.replaceWith(document.importNode(words, true));
      const state = page.getElementById("state");
      if (state) document.getElementById("state").textContent = state.textContent;
    } catch {
      // The console may be away for a moment.
    }
    if (left > 0 && moving()) setTimeout(look, every);
  };
  if (moving()) setTimeout(look, every);
})();
