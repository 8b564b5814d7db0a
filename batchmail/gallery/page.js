
"use strict";
const search = document.querySelector("input");
const links = [...document.querySelectorAll("nav a")];
const articles = [...document.querySelectorAll("article")];

function shown() {
  return links.filter((link) => !link.parentElement.hidden);
}

function current() {
  const at = links.findIndex((link) => link.hash === location.hash);
  return at < 0 ? 0 : at;
}

function show() {
  const chosen = links[current()];
  for (const link of links) {
    if (link === chosen) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  for (const article of articles) article.hidden = `#${article.id}` !== chosen?.hash;
  chosen?.scrollIntoView({ block: "nearest" });
}

function step(by) {
  const visible = shown();
  const at = visible.indexOf(links[current()]);
  const next = visible[Math.min(Math.max(at + by, 0), visible.length - 1)];
  if (next) location.hash = next.hash;
}

function filter() {
  const words = search.value.toLowerCase().split(/\s+/);
  for (const link of links) {
    const text = link.textContent.toLowerCase();
    link.parentElement.hidden = !words.every((word) => text.includes(word));
  }
  const visible = shown();
  if (visible.length && !visible.includes(links[current()])) location.hash = visible[0].hash;
}

search.addEventListener("input", filter);
window.addEventListener("hashchange", show);
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape" && event.target === search) {
    search.value = "";
    filter();
    search.blur();
  } else if (event.target === search && !["ArrowDown", "ArrowUp", "Enter"].includes(event.key)) {
    return;
  } else if (event.key === "/") {
    search.focus();
  } else if (event.key === "j" || event.key === "ArrowDown" || event.key === "Enter") {
    step(event.key === "Enter" ? 0 : 1);
  } else if (event.key === "k" || event.key === "ArrowUp") {
    step(-1);
  } else {
    return;
  }
  event.preventDefault();
});
show();
