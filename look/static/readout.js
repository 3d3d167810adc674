// The read-out over charts: what account and benchmark were at the hour under the pointer, the finger or the arrow keys.
// Charts are images; the page says where time lies in them, and the values come from the JSON route, a day at a time.
"use strict";
(() => {
  const HOUR = 3600e3, DAY = 24 * HOUR, SETTLED = 60;
  const days = new Map(); // address -> promise of the day's hours
  const WORDS = { nav: "Account", other: "Benchmark", difference: "Difference", flows: "In and out" };

  const number = (value, decimals = 2) =>
    Math.abs(value).toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  const write = (value) => (value < 0 ? "\u2212" : "") + number(value);
  const sign = (value, unit = "") => {
    const text = number(value);
    return (/[1-9]/.test(text) ? (value < 0 ? "\u2212" : "+") : "") + text + unit;
  };
  const iso = (at) => new Date(at).toISOString();

  async function fetchDay(series, at) {
    const day = iso(at).slice(0, 10);
    const address = `${series}${series.includes("?") && !series.endsWith("?") ? "&" : ""}from=${day}&to=${day}`;
    if (!days.has(address)) {
      days.set(address, fetch(address, { headers: { Accept: "application/json" } }).then((answer) => {
        if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
        return answer.json();
      }));
      days.get(address).catch(() => days.delete(address)); // asked again the next time
    }
    const { rows } = await days.get(address);
    return rows.find((row) => Date.parse(row.hour) === at);
  }

  // The figures that the chart's lines have at an hour, as texts by their name.
  function read(row, chart) {
    const { kind, lead, prices } = chart.dataset;
    const [price, otherPrice] = prices.split(" ").map(Number);
    const flows = Number(row.flows) ? { flows: sign(Number(row.flows)) } : {};
    if (row.nav === null) return null;
    if (kind === "percent" && prices && row.unit_price !== null && row.benchmark_unit_price !== null) {
      const [mine, others] = [(row.unit_price / price - 1) * 100, (row.benchmark_unit_price / otherPrice - 1) * 100];
      return { nav: sign(mine, " %"), other: sign(others, " %"), difference: sign(mine - others, " pp"), ...flows };
    }
    if (row.benchmark_nav === null) return { nav: write(Number(row.nav)), ...flows };
    const other = Number(row.benchmark_nav) + Number(lead);
    const ahead = (row.nav - row.invested) - (row.benchmark_nav - row.benchmark_invested) - Number(lead);
    return { nav: write(Number(row.nav)), other: write(other), difference: sign(ahead), ...flows };
  }

  function element(name, text, more = {}) {
    return Object.assign(document.createElement(name), { textContent: text }, more);
  }

  function name(chart, at) {
    const link = chart.dataset.hour;
    const hour = `${link}${link.includes("?") ? "&" : "?"}hour=${iso(at).slice(0, 13)}`;
    const title = element("p", "");
    title.append(element("a", `${iso(at).slice(0, 10)} ${iso(at).slice(11, 16)} UTC`, { href: hour }));
    return title;
  }

  // The hour at once, without the values of the one before; they come with the answer.
  function announce(box, title) {
    box.setAttribute("aria-busy", "true");
    if (box.firstChild) box.firstChild.replaceWith(title);
    else box.append(title);
  }

  function fill(box, title, chart, row) {
    box.removeAttribute("aria-busy");
    const values = row && read(row, chart);
    if (!values) {
      const reason = !row ? "not recorded" : row.reason || row.status.toLowerCase();
      box.replaceChildren(title, element("p", `No figure: ${reason}`));
      return;
    }
    const list = document.createElement("dl");
    for (const [name, text] of Object.entries(values)) list.append(element("dt", WORDS[name]), element("dd", text));
    box.replaceChildren(title, list);
  }

  function attach(chart) {
    const [since, until, first, last] = ["since", "until", "first", "last"].map((name) => Number(chart.dataset[name]));
    const shares = chart.dataset.plot.split(" ").map(Number);
    const cursor = element("div", "", { className: "cursor", hidden: true });
    const box = element("output", "", { className: "readout", hidden: true });
    box.setAttribute("aria-live", "polite");
    chart.append(cursor, box);
    chart.tabIndex = 0;
    chart.setAttribute("role", "group");
    chart.setAttribute("aria-label", "Chart. Arrow keys read its values hour by hour, with Shift day by day; Enter opens the hour.");
    let at = last, asked = 0, isPinned = false, timer;

    const plot = () => {
      const image = chart.querySelector("img");
      const [left, right] = image.currentSrc.includes("-narrow/") ? shares.slice(2) : shares.slice(0, 2);
      return { left: left * image.clientWidth, width: (right - left) * image.clientWidth, height: image.clientHeight };
    };
    const find = (x) => {
      const { left, width } = plot();
      return since + ((x - chart.getBoundingClientRect().left - left) / width) * (until - since);
    };
    function show(moment) {
      at = Math.min(last, Math.max(first, Math.round(moment / HOUR) * HOUR));
      const { left, width, height } = plot();
      const x = left + ((at - since) / (until - since)) * width;
      cursor.style.left = `${x}px`;
      cursor.style.height = `${height}px`;
      cursor.hidden = box.hidden = false;
      const isRight = x > chart.clientWidth / 2; // the box stands at the other side of the line
      box.style.left = isRight ? "auto" : `${x + 8}px`;
      box.style.right = isRight ? `${chart.clientWidth - x + 8}px` : "auto";
      clearTimeout(timer);
      const mine = ++asked, hour = at;
      announce(box, name(chart, hour));
      timer = setTimeout(async () => {
        let row, failure;
        try { row = await fetchDay(chart.dataset.series, hour); } catch (error) { failure = error; }
        if (mine !== asked) return; // the pointer has moved on
        fill(box, name(chart, hour), chart, failure ? { nav: null, reason: `the dashboard did not answer (${failure.message})` } : row);
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
      const step = event.shiftKey ? DAY : HOUR;
      const to = { ArrowLeft: at - step, ArrowRight: at + step, PageUp: at - 30 * DAY, PageDown: at + 30 * DAY, Home: first, End: last }[event.key];
      if (to !== undefined) {
        event.preventDefault();
        show(to);
      } else if (event.key === "Escape") hide();
      else if (event.key === "Enter" && event.target === chart) box.querySelector("a")?.click();
    });
  }

  const attachAll = () => document.querySelectorAll(".chart[data-series]").forEach(attach);
  document.addEventListener("renewed", () => { days.clear(); attachAll(); }); // by refresh.js: all charts are new
  attachAll();
})();
