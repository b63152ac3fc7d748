// Keeps the page fresh without moving it, and filters while one types. Everything works without this file.
"use strict";

(() => {
  const seconds = Number(document.body.dataset.refresh);
  const lost = document.getElementById("lost");
  const form = document.getElementById("filter");
  let newest = 0;
  let lostSince = null;
  let typing;

  function top(element) {
    return element.getBoundingClientRect().top;
  }

  // Replaces the parts of the page that are drawn anew; what is typed, opened and scrolled stays.
  function show(html) {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    const open = new Map([...document.querySelectorAll("details[id]")].map((one) => [one.id, one.open]));
    const focused = document.activeElement;
    const place = focused && focused.closest("[data-part]") ? focused.getAttribute("href") : null;
    // The part at the top of the window stays where it is, whatever grows above it.
    const above = [...document.querySelectorAll("[data-part]")].filter((part) => top(part) < innerHeight / 3);
    const anchor = scrollY ? above.at(-1) : undefined;
    const before = anchor && top(anchor);
    for (const part of document.querySelectorAll("[data-part]")) {
      const other = fresh.getElementById(part.id);
      if (other) part.replaceWith(document.adoptNode(other));
    }
    for (const details of document.querySelectorAll("details[id]")) {
      if (open.has(details.id)) details.open = open.get(details.id);
    }
    if (anchor) scrollBy(0, top(document.getElementById(anchor.id)) - before);
    if (place) {
      const again = [...document.querySelectorAll("[data-part] a")].find((a) => a.getAttribute("href") === place);
      if (again) again.focus({ preventScroll: true });
    }
  }

  function tell() {
    lost.hidden = lostSince === null;
    if (lostSince) {
      const time = lostSince.toLocaleTimeString(document.documentElement.lang, { hour12: false });
      lost.textContent = lost.dataset.text.replace("{time}", time);
    }
  }

  async function load(url) {
    const turn = ++newest;
    try {
      const answer = await fetch(url, { headers: { Accept: "text/html" }, signal: AbortSignal.timeout(20000) });
      if (!answer.ok) throw new Error(answer.status);
      const html = await answer.text();
      if (turn !== newest) return false;
      lostSince = null;
      show(html);
    } catch {
      if (turn !== newest) return false;
      lostSince ??= new Date();
    }
    tell();
    return lostSince === null;
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

  let refreshed = Date.now();
  function refresh() {
    // Nobody looks at a hidden page, and who marks a text wants to keep the mark.
    if (document.hidden || !document.getSelection().isCollapsed) return;
    if (Date.now() - refreshed < seconds * 900) return;
    refreshed = Date.now();
    load(location.href);
  }
  setInterval(refresh, seconds * 1000);
  document.addEventListener("visibilitychange", refresh);
  form.querySelector("button").hidden = true;
})();
