// The page renews itself every minute: the same address is asked again, and what is below the masthead is swapped.
// Where one was, what was open and what has the focus stay; while something is typed, read or marked, nothing is swapped.
"use strict";
(() => {
  const MINUTE = 60e3;
  const all = (selector, place = document) => [...place.querySelectorAll(selector)];
  const find = () => all("body > :not(.skip, .masthead, .stalled)");
  const files = (place) => all("link[rel=stylesheet], script[src]", place).map((one) => one.getAttribute("href") ?? one.getAttribute("src")).join();
  let asked = Date.now(), isAsking = false;

  // Things of a kind by what they say, and the how manieth of these one is: a page made anew has them again.
  function named(things, say) {
    const found = new Map(), times = new Map();
    for (const thing of things) {
      const words = say(thing), time = times.get(words) ?? 0;
      times.set(words, time + 1);
      found.set(`${words} ${time}`, thing);
    }
    return found;
  }
  const drawers = () => named(all("details"), (one) => one.querySelector("summary")?.textContent);
  const boxes = () => named(all(".scroll, .pages"), (one) => one.getAttribute("aria-label"));
  const pictures = () => named(all("picture"), (one) => one.innerHTML);
  const targets = () => named(all("a, button, summary, [tabindex]"), (one) =>
    [one.tagName, one.getAttribute("href"), one.dataset.kind ?? one.getAttribute("aria-label") ?? one.textContent].join());
  const nameOf = (found, thing) => [...found].find(([, one]) => one === thing)?.[0];

  function isChanged(field) {
    if (field.tagName !== "SELECT") return field.value !== field.defaultValue;
    const usual = [...field.options].find((option) => option.defaultSelected) ?? field.options[0];
    return field.value !== usual?.value;
  }
  function isTyped() {
    return document.activeElement.matches("input, select, textarea") || all("form :is(input, select, textarea)").some(isChanged);
  }
  const isRead = () => Boolean(document.querySelector(".readout:not([hidden])")) || !getSelection().isCollapsed;

  function swap(page) {
    const open = drawers(), sides = boxes(), drawn = pictures(), name = nameOf(targets(), document.activeElement);
    const offsets = [...sides].map(([key, box]) => [key, box.scrollLeft]);
    const [x, y] = [scrollX, scrollY];
    const old = find(), fresh = all("body > :not(.skip, .masthead)", page);
    old[0].before(...fresh.map((part) => document.adoptNode(part)));
    old.forEach((part) => part.remove());
    for (const [key, drawer] of drawers()) if (open.has(key)) drawer.open = open.get(key).open;
    for (const [key, picture] of pictures()) if (drawn.has(key)) picture.replaceWith(drawn.get(key)); // no flicker
    const now = boxes();
    for (const [key, offset] of offsets) if (now.has(key)) now.get(key).scrollLeft = offset;
    document.title = page.title;
    document.dispatchEvent(new Event("renewed"));
    if (name) targets().get(name)?.focus({ preventScroll: true });
    scrollTo({ left: x, top: y, behavior: "instant" });
  }

  // At the bottom of the window: that these figures are old, and why.
  function say(why) {
    const made = document.querySelector("main").dataset.made;
    const note = document.querySelector(".stalled") ?? Object.assign(document.createElement("p"), { className: "stalled" });
    note.setAttribute("role", "status");
    const text = `Not renewed since ${made}: ${why}`;
    if (!note.isConnected) document.body.append(note);
    if (note.textContent !== text) note.textContent = text;
  }

  async function renew() {
    if (isAsking || document.hidden || !document.querySelector("main[data-made]")) return;
    if (isTyped()) return say("what is typed here stays until you send it.");
    if (isRead()) return say("a chart is read, or text is marked.");
    isAsking = true;
    asked = Date.now();
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store", signal: AbortSignal.timeout(MINUTE / 2) });
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (answer.redirected || files(page) !== files(document)) return location.reload(); // signed out, or a new version
      if (isTyped() || isRead()) return; // meanwhile
      swap(page);
      document.querySelector(".stalled")?.remove();
    } catch (error) {
      say(`the dashboard did not answer (${error.message}). It is asked again every minute.`);
    } finally {
      isAsking = false;
    }
  }

  setInterval(renew, MINUTE);
  document.addEventListener("visibilitychange", () => { if (Date.now() - asked >= MINUTE) renew(); });
})();
