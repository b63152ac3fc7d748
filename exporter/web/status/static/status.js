// Keeps the page fresh without moving it, and filters while one types. Everything works without this file.
"use strict";

(() => {
  const interval = Number(document.body.dataset.refresh) * 1000;
  const lost = document.getElementById("lost");
  const form = document.getElementById("filter");
  const patience = 20000;
  const oldAfter = 2.5 * interval;
  const digits = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
  let drawn = document.body.dataset.at;
  let success = now();
  let due = success.running + interval;
  let loading = null;
  let waited = false;
  let typing;

  // The time of day can be set back, and while a computer sleeps the other clock may stand still.
  function now() {
    return { wall: Date.now(), running: performance.now() };
  }

  function top(element) {
    return element.getBoundingClientRect().top;
  }

  // Names what has the focus, so that it is found again in a part that is drawn anew.
  function placeOf(element) {
    const part = element?.closest("[data-part]");
    if (!part) return null;
    const details = element.matches("summary") && element.parentElement.id;
    const own = element.id ? `#${CSS.escape(element.id)}` : details && `#${CSS.escape(details)} > summary`;
    const href = element.getAttribute("href");
    return { part: part.id, selector: own || (href && `a[href="${CSS.escape(href)}"]`) };
  }

  function focusAgain({ part, selector }) {
    const again = (selector && document.querySelector(selector)) || document.getElementById(part);
    if (again.id === part) again.tabIndex = -1;
    again.focus({ preventScroll: true });
  }

  // Replaces the parts of the page that are drawn anew; what is typed, opened and scrolled stays.
  function show(fresh) {
    const opened = new Map([...document.querySelectorAll("details[id]")].map((one) => [one.id, one]));
    const place = placeOf(document.activeElement);
    // The part at the top of the window stays where it is, whatever grows above it.
    const above = [...document.querySelectorAll("[data-part]")].filter((part) => top(part) < innerHeight / 3);
    const anchor = scrollY ? above.at(-1) : undefined;
    const before = anchor && top(anchor);
    for (const part of document.querySelectorAll("[data-part]")) {
      const other = fresh.getElementById(part.id);
      if (other) part.replaceWith(document.adoptNode(other));
    }
    for (const details of document.querySelectorAll("details[id]")) {
      const before = opened.get(details.id);
      if (before?.dataset.usual === details.dataset.usual) details.open = before.open;
    }
    if (anchor) scrollBy(0, top(document.getElementById(anchor.id)) - before);
    if (place) focusAgain(place);
  }

  // Only the time of the last success tells: a load can fail, hang, or bring something old or strange.
  function tell() {
    const { wall, running } = now();
    const old = Math.max(wall - success.wall, running - success.running) > oldAfter;
    if (old && lost.hidden) {
      const time = new Date(success.wall).toLocaleTimeString(document.documentElement.lang, digits);
      lost.textContent = lost.dataset.text.replace("{time}", time);
    }
    lost.hidden = !old;
    document.body.classList.toggle("old", old);
  }

  async function load(url) {
    loading?.abort();
    const turn = new AbortController();
    loading = turn;
    waited = false;
    due = performance.now() + interval;
    const timer = setTimeout(() => turn.abort(), patience);
    try {
      const answer = await fetch(url, { headers: { Accept: "text/html" }, signal: turn.signal });
      if (!answer.ok) throw new Error(answer.status);
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (turn !== loading) return;
      const { at } = fresh.body.dataset;
      if (at === undefined) throw new Error("not this page");
      show(fresh);
      // A cache on the way could bring the same page for ever.
      if (at !== drawn) success = now();
      drawn = at;
    } catch {
      // The next one is due soon.
    } finally {
      clearTimeout(timer);
      if (turn === loading) loading = null;
    }
    tell();
  }

  // The fields of the form follow the address, for links that change it.
  function fill(url) {
    const wanted = new URL(url).searchParams;
    for (const field of form.elements) {
      if (!field.name || field === document.activeElement || field.type === "hidden") continue;
      const value = wanted.get(field.name) ?? (field.name === "sort" ? "attention" : "");
      if (field.name === "sort" && ![...field.options].some((option) => option.value === value)) {
        const usual = [...field.options].find((option) => option.value.replace("-", "") === value.replace("-", ""));
        if (usual) {
          usual.value = value;
          usual.text = usual.text.replace(/[↑↓]/, value.startsWith("-") ? "↓" : "↑");
        }
      }
      field.value = value;
    }
  }

  async function go(url, { push }) {
    if (push) history.pushState(null, "", url);
    else history.replaceState(null, "", url);
    fill(url);
    await load(url);
  }

  function asked() {
    const url = new URL(location.href);
    url.search = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== "")).toString();
    return url.href;
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-live]");
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const target = link.hash && link.hash !== location.hash ? link.hash : "";
    go(link.href, { push: true }).then(() => {
      if (target && !link.closest("thead")) document.querySelector(target)?.scrollIntoView({ block: "start" });
    });
  });
  form.addEventListener("input", (event) => {
    clearTimeout(typing);
    typing = setTimeout(() => go(asked(), { push: false }), event.target.type === "search" ? 200 : 0);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(typing);
    go(asked(), { push: true });
  });
  window.addEventListener("popstate", () => {
    fill(location.href);
    load(location.href);
  });

  function refresh() {
    // Nobody looks at a hidden page.
    if (document.hidden) return;
    if (loading || performance.now() < due) {
      tell();
    } else if (document.getSelection().isCollapsed || waited) {
      load(location.href);
    } else {
      // Who marks a text has the time to copy it.
      waited = true;
      due += interval;
    }
  }
  setInterval(refresh, 1000);
  document.addEventListener("visibilitychange", refresh);
  form.querySelector("button").hidden = true;
})();
