// The read-out over charts: what its lines are at the moment under the pointer, the finger or the arrow keys.
// Charts are images; the page says where time lies in them, and what is said of a moment comes from the JSON route.
"use strict";
(() => {
  const HOUR = 3600e3, DAY = 24 * HOUR, SETTLED = 60;
  const readings = new Map(); // address -> promise of what is said

  const iso = (at) => new Date(at).toISOString();

  function fetchReading(chart, at) {
    const address = `${chart.dataset.read}${chart.dataset.read.includes("?") ? "&" : "?"}at=${iso(at)}`;
    if (!readings.has(address)) {
      readings.set(address, fetch(address, { headers: { Accept: "application/json" } }).then((answer) => {
        if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
        return answer.json();
      }));
      readings.get(address).catch(() => readings.delete(address)); // asked again the next time
    }
    return readings.get(address);
  }

  // A time by the reader's clock, until the answer has it with the clock's own name.
  function write(chart, at) {
    const { zone } = chart.dataset;
    return `${new Date(at).toLocaleString("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" })} ${zone}`;
  }

  function element(name, text, more = {}) {
    return Object.assign(document.createElement(name), { textContent: text }, more);
  }

  function name(chart, at, text) {
    const link = chart.dataset.hour, title = element("p", "");
    const hour = link && `${link}${link.includes("?") ? "&" : "?"}hour=${iso(at).slice(0, 13)}`;
    title.append(hour ? element("a", text, { href: hour }) : element("span", text));
    return title;
  }

  // The hour at once, without the values of the one before; they come with the answer.
  function announce(box, title) {
    box.setAttribute("aria-busy", "true");
    if (box.firstChild) box.firstChild.replaceWith(title);
    else box.append(title);
  }

  function fill(box, title, { values, reason, note }) {
    box.removeAttribute("aria-busy");
    if (!values.length) {
      box.replaceChildren(title, element("p", `No figure: ${reason}`));
      return;
    }
    const list = document.createElement("dl");
    for (const { name, text } of values) list.append(element("dt", name), element("dd", text));
    box.replaceChildren(title, list, ...(note ? [element("p", note, { className: "alarming" })] : []));
  }

  function attach(chart) {
    const [since, until, first, last, step] = ["since", "until", "first", "last", "step"].map((name) => Number(chart.dataset[name]));
    const [shares, columns] = [chart.dataset.plot, chart.dataset.columns].map((numbers) => numbers.split(" ").map(Number));
    const cursor = element("div", "", { className: "cursor", hidden: true });
    const box = element("output", "", { className: "readout", hidden: true });
    box.setAttribute("aria-live", "polite");
    chart.append(cursor, box);
    chart.tabIndex = 0;
    chart.setAttribute("role", "group");
    chart.setAttribute("aria-label", `Chart. Arrow keys read its values ${step < DAY ? "hour by hour, with Shift day by day" : "step by step"}${chart.dataset.hour ? "; Enter opens the hour" : ""}.`);
    let at = last, asked = 0, column = 0, isPinned = false, timer;

    const plot = () => { // of the column that is pointed at
      const image = chart.querySelector("img");
      const isNarrow = image.currentSrc.includes("-narrow/");
      const [left, right] = isNarrow ? shares.slice(2) : shares.slice(0, 2);
      const width = image.clientWidth / columns[isNarrow ? 1 : 0];
      return { left: left * width, width: (right - left) * width, height: image.clientHeight, column: width };
    };
    const find = (pointed) => {
      const { left, width, column: whole } = plot(), x = pointed - chart.getBoundingClientRect().left;
      column = Math.max(0, Math.min(Math.floor(x / whole), Math.round(chart.querySelector("img").clientWidth / whole) - 1));
      return since + ((x - column * whole - left) / width) * (until - since);
    };
    function place() { // the line, and the box at its other side
      const { left, width, height, column: whole } = plot();
      const x = column * whole + left + ((at - since) / (until - since)) * width;
      cursor.style.left = `${x}px`;
      cursor.style.height = `${height}px`;
      cursor.hidden = box.hidden = false;
      const isRight = x > chart.clientWidth / 2;
      box.style.left = isRight ? "auto" : `${x + 8}px`;
      box.style.right = isRight ? `${chart.clientWidth - x + 8}px` : "auto";
    }
    function show(moment) {
      at = Math.min(last, Math.max(first, first + Math.round((moment - first) / step) * step));
      place();
      clearTimeout(timer);
      const mine = ++asked, wanted = at;
      announce(box, name(chart, wanted, write(chart, wanted)));
      timer = setTimeout(async () => {
        let said;
        try { said = await fetchReading(chart, wanted); } catch (error) {
          said = { at: iso(wanted), when: write(chart, wanted), values: [], reason: `the dashboard did not answer (${error.message})` };
        }
        if (mine !== asked) return; // the pointer has moved on
        at = Date.parse(said.at);
        place();
        fill(box, name(chart, at, said.when), said);
      }, SETTLED);
    }
    function hide() {
      asked++;
      clearTimeout(timer);
      cursor.hidden = box.hidden = true;
      isPinned = false;
    }

    chart.addEventListener("pointermove", (event) => { if (event.pointerType === "mouse" && !isPinned) show(find(event.clientX)); });
    chart.addEventListener("pointerup", (event) => { if (event.pointerType !== "mouse" && !event.target.closest("a")) show(find(event.clientX)); });
    chart.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse" && !isPinned) hide(); });
    chart.addEventListener("click", (event) => { if (!event.target.closest("a")) isPinned = !isPinned; }); // to reach the link
    chart.addEventListener("focus", () => { if (box.hidden && chart.matches(":focus-visible")) show(at); });
    chart.addEventListener("blur", (event) => { if (!chart.contains(event.relatedTarget)) hide(); });
    chart.addEventListener("keydown", (event) => {
      const by = event.shiftKey ? Math.max(step, DAY) : step;
      const to = { ArrowLeft: at - by, ArrowRight: at + by, PageUp: at - 30 * DAY, PageDown: at + 30 * DAY, Home: first, End: last }[event.key];
      if (to !== undefined) {
        event.preventDefault();
        show(to);
      } else if (event.key === "Escape") hide();
      else if (event.key === "Enter" && event.target === chart) box.querySelector("a")?.click();
    });
  }

  const attachAll = () => document.querySelectorAll(".chart[data-read]").forEach(attach);
  document.addEventListener("renewed", () => { readings.clear(); attachAll(); }); // by refresh.js: all charts are new
  attachAll();
})();
