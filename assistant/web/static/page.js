/* The few things that need the browser: opening a source, copying a reply, words that Gradio says itself. */
"use strict";
(() => {
  const words = JSON.parse(document.getElementById("words").textContent);
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const root = document.documentElement;
  let opener = null;

  /* Gradio takes its own words from the browser's language; the page's language is the right one. */
  const own = (name, value) => Object.defineProperty(navigator, name, { configurable: true, get: () => value });
  own("language", words.language);
  own("languages", [words.language]);

  const scroll = (element, block) =>
    element.scrollIntoView({ block, inline: "nearest", behavior: calm.matches ? "auto" : "smooth" });

  function openSource(link) {
    const number = document.getElementById(link.hash.slice(1));
    if (!number) return;
    opener = link;
    root.classList.add("sources-open");
    const folded = number.closest("details");
    if (folded) folded.open = true;
    const card = number.closest(".card");
    document.querySelectorAll(".no.shown").forEach((other) => other.classList.remove("shown"));
    number.classList.add("shown");
    number.focus({ preventScroll: true });
    const quote = card.querySelector(`mark.q${number.textContent}`) || card;
    requestAnimationFrame(() => scroll(quote.offsetHeight > 200 ? card : quote, "center"));
  }

  function closeSources() {
    if (!root.classList.contains("sources-open")) return;
    root.classList.remove("sources-open");
    if (opener && opener.isConnected) opener.focus();
  }

  async function copyReply(button) {
    const replies = document.querySelectorAll("#chat .reply");
    const last = replies[replies.length - 1];
    if (!last) return;
    const label = button.dataset.label || (button.dataset.label = button.textContent);
    await navigator.clipboard.writeText(last.innerText.trim());
    button.textContent = words.copied;
    setTimeout(() => (button.textContent = label), 1500);
  }

  document.addEventListener("click", (event) => {
    const target = event.target.closest("a.mark, #close-sources, #copy, a.skip");
    if (!target) return;
    if (target.matches("a.mark")) openSource(target);
    else if (target.id === "close-sources") closeSources();
    else if (target.id === "copy") copyReply(target);
    else document.querySelector("#question textarea")?.focus();
    if (target.tagName === "A") event.preventDefault();
  });
  document.addEventListener("keydown", (event) => event.key === "Escape" && closeSources());

  /* What Gradio sets to English or forgets, each time it has changed something. */
  const labels = { "chatbot conversation": words.conversation, "Scroll down": words.scroll };
  function mend() {
    if (root.lang !== words.language) root.lang = words.language;
    for (const element of document.querySelectorAll("[aria-label='chatbot conversation'], [aria-label='Scroll down']"))
      element.setAttribute("aria-label", labels[element.getAttribute("aria-label")]);
    for (const link of document.querySelectorAll("#cards a[target=_blank]:not([rel~=nofollow]), #chat a[target=_blank]:not([rel~=nofollow])"))
      link.rel = "noopener noreferrer nofollow";
    for (const message of document.querySelectorAll("#chat [data-testid=user][aria-label], #chat [data-testid=bot][aria-label]"))
      message.removeAttribute("aria-label"); /* it would have the HTML of the message read aloud */
    document.querySelector("#notice:not([role])")?.setAttribute("role", "alert");
    followQuestion();
  }

  /* A new question moves to the top of the window, so that its reply is read from its beginning. */
  let questions = 0;
  function followQuestion() {
    const all = document.querySelectorAll("#chat .question");
    if (all.length > questions && all.length) setTimeout(() => scroll(all[all.length - 1], "start"), 50);
    if (all.length < questions) closeSources();
    questions = all.length;
  }

  let planned = false;
  const observer = new MutationObserver(() => {
    if (planned) return;
    planned = true;
    requestAnimationFrame(() => { planned = false; mend(); });
  });
  observer.observe(root, { subtree: true, childList: true, attributes: true, attributeFilter: ["lang", "rel", "aria-label"] });
})();
