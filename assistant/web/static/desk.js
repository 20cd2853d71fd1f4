// Keys for the mentors' queue. They work only while no field has the focus and no other key is held, so that they get
// in nobody's way, and can be switched off (WCAG 2.1.4). Everything they do can be done without them.
"use strict";
(() => {
  const STORED = "desk-keys";
  const dialog = document.getElementById("keys");
  const use = document.getElementById("keys_use");
  if (!dialog || !use) return;

  const read = () => { try { return localStorage.getItem(STORED) !== "off"; } catch { return true; } };
  const write = (on) => { try { localStorage.setItem(STORED, on ? "on" : "off"); } catch { /* kept for this page only */ } };
  use.checked = read();
  use.addEventListener("change", () => write(use.checked));

  const links = () => [...document.querySelectorAll("tr[data-item] a[data-open]")];
  const row = () => document.activeElement?.closest("tr[data-item]");
  const here = () => links().findIndex((link) => link.closest("tr") === row());
  const move = (step) => {
    const all = links(), place = here();
    const next = place < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(place + step, 0), all.length - 1);
    all[next]?.focus();
  };
  // On an item's page its own buttons stand outside of any list.
  const deed = (name) => {
    const own = `[data-deed="${name}"]`;
    const place = row() ?? document.querySelector(".deeds");
    place?.querySelector(own)?.click();
  };
  const help = () => { if (!dialog.open) dialog.showModal(); };

  const DEEDS = {
    j: () => move(1),
    k: () => move(-1),
    o: () => row()?.querySelector("a[data-open]")?.click(),
    c: () => deed("claim"),
    r: () => deed("release"),
    "/": () => document.getElementById("words")?.focus(),
    "?": help,
  };
  const isField = (element) => element?.closest("input, select, textarea, [contenteditable]") != null;

  document.addEventListener("keydown", (event) => {
    const isHeld = event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.repeat && "cr".includes(event.key);
    if (isHeld || !use.checked || dialog.open || isField(event.target) || !Object.hasOwn(DEEDS, event.key)) return;
    event.preventDefault();
    DEEDS[event.key]();
  });
  for (const button of document.querySelectorAll("[data-keys-open]")) button.addEventListener("click", help);
  for (const shown of document.querySelectorAll(".keys[hidden]")) shown.hidden = false;
})();
