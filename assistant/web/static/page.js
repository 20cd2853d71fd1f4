/* The few things that need the browser: opening a source, buttons inside texts, keeping what is typed, words that Gradio says itself. */
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

  function write(input, text) {
    input.value = text;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /* Texts are HTML, so their buttons are no parts of Gradio: what was pressed goes through a hidden input. */
  let told = 0;
  function tell(message) {
    const bridge = document.querySelector("#bridge textarea");
    if (bridge) write(bridge, JSON.stringify({ ...message, n: ++told }));
  }

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

  async function copy(button) {
    const reply = button.closest(".reply").cloneNode(true);
    reply.querySelector(".acts").remove();
    const hidden = document.body.appendChild(document.createElement("div"));
    hidden.className = "unseen";
    hidden.append(reply);
    const text = reply.innerText.trim(); /* only what is on the page has line breaks */
    if (navigator.clipboard) await navigator.clipboard.writeText(text);
    else { getSelection().selectAllChildren(hidden); document.execCommand("copy"); } /* there is no clipboard over plain http */
    hidden.remove();
    const label = button.textContent;
    button.textContent = words.copied;
    setTimeout(() => (button.textContent = label), 1500);
  }

  const pressed = new Set();
  function act(button) {
    const cut = button.id.indexOf("-");
    const deed = button.id.slice(0, cut), about = button.id.slice(cut + 1);
    if (deed === "copy") return copy(button);
    if (deed === "good" && pressed.has(button.id)) return;
    if (deed === "good") pressed.add(button.id);
    if (deed !== "good") opener = button;
    tell(/^\d+$/.test(about) ? { do: deed, turn: Number(about) } : { do: deed, item: about });
    mend();
  }

  document.addEventListener("click", (event) => {
    const target = event.target.closest("a.mark, #close-sources, button.act, #print, #new, #forget, #again, #edit, a.skip, a.field");
    if (!target) return;
    if (target.matches("a.mark")) openSource(target);
    else if (target.matches("button.act")) act(target);
    else if (target.id === "close-sources") closeSources();
    else if (target.id === "print") window.print();
    else if (target.id === "forget") tables = {};
    else if (target.id === "new") { pressed.clear(); keep([]); }
    else if (target.id === "again" || target.id === "edit") pressed.delete(`good-${newest}`); /* that reply goes */
    else {
      const goal = document.querySelector(target.hash);
      (goal?.matches("[tabindex]") ? goal : goal?.querySelector("textarea, input, select, button, a"))?.focus();
    }
    if (target.tagName === "A") event.preventDefault();
  });
  /* Plain controls: when one of them changes, all entries of its table are told, with the tables told before:
     of messages that follow quickly only the last may be heard. */
  let tables = {}, typed = null;
  document.addEventListener("change", (event) => {
    const block = event.target.closest(".entries");
    if (!block) return;
    typed = null;
    const table = block.id.split("-")[1], items = {};
    for (const each of document.querySelectorAll(`[id^=entries-${table}] [name]`))
      if (each.type === "checkbox") items[each.name] = each.checked;
      else if (each.type !== "radio" || each.checked) items[each.name] = each.value;
    tables[table] = items;
    tell({ do: "enter", tables });
  });
  /* What is made anew loses the focus and what is being typed; both go back to the same control. */
  let focused = "";
  document.addEventListener("focusin", (event) => { focused = event.target.closest(".entries") ? event.target.id : ""; typed = null; });
  document.addEventListener("input", (event) => { if (event.target.closest(".entries")) typed = event.target.value; });
  function refocus() {
    const same = focused && document.activeElement === document.body && document.getElementById(focused), text = typed;
    if (!same) return;
    same.focus({ preventScroll: true });
    if (text === null || text === same.value) return;
    same.value = text;
    same.dispatchEvent(new Event("change", { bubbles: true }));
  }
  document.addEventListener("keydown", (event) => event.key === "Escape" && closeSources());
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((each) => (each.open = true)));

  /* What is typed and asked survives a reload of this tab, and nothing longer than the tab. */
  const place = `kept:${location.pathname}`;
  const kept = () => { try { return JSON.parse(sessionStorage.getItem(place)) || {}; } catch { return {}; } };
  const keep = (questions) => {
    const draft = document.querySelector("#question textarea")?.value || "";
    try { sessionStorage.setItem(place, JSON.stringify({ draft, questions: questions || kept().questions || [] })); } catch { /* storage is full or forbidden */ }
  };
  document.addEventListener("input", (event) => event.target.closest?.("#question") && keep());
  let restored = false, awaited = 0; /* questions that are being asked again; until then the kept ones stay */
  function restore() {
    const box = document.querySelector("#question textarea");
    if (restored || !box || !document.querySelector("#bridge textarea")) return;
    restored = true;
    const { draft, questions } = kept();
    if (draft && !box.value) write(box, draft);
    if (!questions || !questions.length) return;
    const again = questions.slice(-8); /* as many as are asked again */
    awaited = again.length;
    setTimeout(() => { awaited = 0; }, 20_000);
    setTimeout(() => tell({ do: "restore", questions: again }), 300);
  }

  /* What Gradio sets to English or forgets, each time it has changed something. */
  const labels = { "chatbot conversation": words.conversation, "Scroll down": words.scroll };
  function mend() {
    if (root.lang !== words.language) root.lang = words.language;
    for (const element of document.querySelectorAll("[aria-label='chatbot conversation'], [aria-label='Scroll down']"))
      element.setAttribute("aria-label", labels[element.getAttribute("aria-label")]);
    for (const link of document.querySelectorAll("a.here[target]")) link.removeAttribute("target");
    for (const link of document.querySelectorAll("#cards a[target=_blank]:not([rel~=nofollow]), #chat a[target=_blank]:not([rel~=nofollow])"))
      link.rel = "noopener noreferrer nofollow";
    for (const message of document.querySelectorAll("#chat [data-testid=user][aria-label], #chat [data-testid=bot][aria-label]"))
      message.removeAttribute("aria-label"); /* it would have the HTML of the message read aloud */
    document.querySelector("#notice:not([role])")?.setAttribute("role", "alert");
    for (const button of document.querySelectorAll("button.act[id^=good-]"))
      if (pressed.has(button.id) !== (button.getAttribute("aria-pressed") === "true")) button.setAttribute("aria-pressed", pressed.has(button.id));
    const bridge = document.querySelector("#bridge:not([aria-hidden])");
    if (bridge) { bridge.setAttribute("aria-hidden", "true"); bridge.querySelector("textarea").tabIndex = -1; }
    refocus();
    for (const area of document.querySelectorAll("#profile-notes:not([aria-live]), #standings:not([aria-live]), #totals:not([aria-live]), #progress:not([aria-live])"))
      area.setAttribute("aria-live", "polite");
    for (const region of document.querySelectorAll(".block.told:not([role])")) region.setAttribute("role", "alert");
    for (const region of document.querySelectorAll(".block.status:not([role])")) region.setAttribute("role", "status");
    for (const group of document.querySelectorAll("#share fieldset:not([aria-label])"))
      group.setAttribute("aria-label", group.querySelector("[data-testid=block-info]").textContent.trim());
    for (const input of document.querySelectorAll("#share .number input:not([inputmode])")) input.inputMode = "numeric";
    restore();
    followRefusals();
    followArrival();
    followQuestion();
    followSlip();
    download();
  }

  /* A new question moves to the top of the window, so that its reply is read from its beginning. */
  let newest = 0;
  function followQuestion() {
    const all = [...document.querySelectorAll("#chat .question")];
    const number = all.length ? Number(all[all.length - 1].id.slice(2)) : 0;
    if (number === newest) return;
    if (number > newest) setTimeout(() => scroll(document.getElementById(`q-${number}`) || root, "start"), 50);
    else closeSources();
    if (number >= awaited) { awaited = 0; keep(all.map((each) => each.innerText.trim())); }
    newest = number;
  }

  /* A field that was refused says so itself, and why: the list of refusals links to it. */
  function followRefusals() {
    const why = new Map([...document.querySelectorAll("#notice a.field")].map((link) => [link.hash.slice(1), link.id]));
    for (const box of document.querySelectorAll("#share [id^=field-]"))
      for (const input of box.querySelectorAll("input, textarea")) {
        const reason = why.get(box.id);
        if (reason && input.getAttribute("aria-describedby") !== reason) { input.setAttribute("aria-invalid", "true"); input.setAttribute("aria-describedby", reason); }
        else if (!reason && input.hasAttribute("aria-invalid")) { input.removeAttribute("aria-invalid"); input.removeAttribute("aria-describedby"); }
      }
  }

  /* What arrives with a new id is read from its beginning. */
  let arrived = "";
  function followArrival() {
    const block = [...document.querySelectorAll("[id^=arrived-]")].find((each) => each.id > arrived);
    if (!block) return;
    arrived = block.id;
    block.tabIndex = -1;
    setTimeout(() => { scroll(block, "start"); block.focus({ preventScroll: true }); }, 50);
  }

  /* A draft is kept when a field is left; who only pauses has it kept, too. */
  let pausing;
  document.addEventListener("input", (event) => {
    if (!event.target.matches?.("#share [id^=field-] :is(textarea, input[type=text])")) return;
    clearTimeout(pausing);
    pausing = setTimeout(() => event.target.dispatchEvent(new FocusEvent("blur")), 1500);
  });
  document.addEventListener("focusout", () => clearTimeout(pausing));

  /* A form that opens is read from its first input; one that closes gives the focus back. */
  let slip = false;
  function followSlip() {
    const form = document.querySelector("#slip");
    if (!!form === slip) return;
    slip = !!form;
    if (form) setTimeout(() => { scroll(form, "nearest"); form.querySelector("input, textarea")?.focus({ preventScroll: true }); }, 50);
    else if (opener && opener.isConnected) opener.focus();
  }

  /* A text to keep arrives as a block with a new id and goes into a file. */
  let saved = "";
  function download() {
    const block = document.querySelector("#saved [id^=kept-]");
    if (!block || block.id === saved) return;
    saved = block.id;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([block.textContent], { type: "text/markdown;charset=utf-8" }));
    link.download = `${words.file_name}-${new Date().toLocaleDateString("sv")}.md`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  /* Another tab has changed what the browser keeps: this one takes it over when it is looked at again. */
  let outdated = false;
  addEventListener("storage", (event) => { if (event.key?.startsWith(words.storage)) outdated = true; });
  document.addEventListener("visibilitychange", () => { if (outdated && !document.hidden) location.reload(); });

  let planned = false;
  const observer = new MutationObserver(() => {
    if (planned) return;
    planned = true;
    requestAnimationFrame(() => { planned = false; mend(); });
  });
  observer.observe(root, { subtree: true, childList: true, attributes: true, attributeFilter: ["lang", "rel", "aria-label"] });
})();
