"use strict";
// The page is whole without this: it sorts and filters tables, and reads the heatmap out.

const every = (selector, root = document) => [...root.querySelectorAll(selector)];
for (const it of every(".scripted")) it.hidden = false;

// --- sorting ---

const value = (row, column) => {
  const cell = row.cells[column];
  const text = cell.dataset.v ?? cell.textContent.trim();
  return text === "" || Number.isNaN(Number(text)) ? text : Number(text);
};
// Numbers before words; what is empty last, whichever way.
const compare = (a, b, way) => {
  if (a === "" || b === "") return (a === "") - (b === "");
  if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
  return way * (typeof a === "number" ? a - b : a.localeCompare(b, undefined, { numeric: true }));
};
const sort = (table, column) => {
  const heads = [...table.tHead.rows[0].cells];
  const up = heads[column].getAttribute("aria-sort") !== "ascending";
  for (const head of heads) head.removeAttribute("aria-sort");
  heads[column].setAttribute("aria-sort", up ? "ascending" : "descending");
  const rows = [...table.tBodies[0].rows].map((row) => [value(row, column), row]);
  rows.sort((one, other) => compare(one[0], other[0], up ? 1 : -1));
  table.tBodies[0].append(...rows.map((pair) => pair[1]));
};
for (const table of every("table.sortable")) {
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    if (head.textContent.trim() === "" || head.classList.contains("drawn")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sort(table, column));
    head.append(button);
  });
}

// --- filtering ---

const people = document.querySelector("table.people");
const name = document.querySelector("#name");
const show = document.querySelector("#show");
const filter = () => {
  const wanted = name.value.trim().toLocaleLowerCase();
  let shown = 0;
  for (const row of people.tBodies[0].rows) {
    const has = (row.dataset.t ?? "").split(" ");
    const fits = row.cells[0].textContent.toLocaleLowerCase().includes(wanted);
    row.hidden = !fits || (show.value !== "" && !has.includes(show.value));
    shown += !row.hidden;
  }
  document.querySelector("output").textContent = `${shown} of ${people.tBodies[0].rows.length}`;
};
name.addEventListener("input", filter);
show.addEventListener("input", filter);
for (const link of every("[data-show]")) {
  link.addEventListener("click", () => {
    name.value = "";
    show.value = link.dataset.show;
    filter();
  });
}
filter(); // a browser that goes back keeps what was typed

// --- reading the heatmap ---

const reading = document.querySelector(".reading");
const ranked = new Map(every("tr[data-r]").map((row) => [Number(row.dataset.r), row]));
const items = new Map(every("tr[data-x]").map((row) => [Number(row.dataset.x), row.cells[0]]));
const said = Object.fromEntries(
  every(".whole .key path").map((path) => [
    path.getAttribute("class"),
    path.closest("span").textContent.trim(),
  ]),
);
const read = (event) => {
  const drawing = event.target.closest?.(".cells > svg");
  if (!drawing) return;
  const box = drawing.getBoundingClientRect();
  const { width, height } = drawing.viewBox.baseVal;
  const x = Math.floor(((event.clientX - box.left) / box.width) * width);
  const y = Math.floor(((event.clientY - box.top) / box.height) * height);
  const row = drawing.closest("tr") ?? ranked.get(y);
  const item = items.get(x);
  if (!row || !item) return;
  const status = said[event.target.getAttribute("class")] ?? "nothing";
  const [what, where] = every("span", item).map((part) => part.textContent);
  const text = `${row.cells[0].textContent}: ${status}. ${what} ${where}`;
  if (drawing.closest("tr")) drawing.parentElement.title = text;
  else reading.textContent = text;
};
document.addEventListener("pointermove", read);
document.addEventListener("pointerdown", read);
document.querySelector(".heatmap")?.addEventListener("click", (event) => {
  const box = event.currentTarget.getBoundingClientRect();
  const { height } = event.currentTarget.viewBox.baseVal;
  ranked.get(Math.floor(((event.clientY - box.top) / box.height) * height))?.querySelector("a").click();
});
