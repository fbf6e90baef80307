// What makes answering more pleasant. Everything works without it.
const find = (selector) => document.querySelector(selector);
const respond = find("#respond");
const form = find("#commentform");
const field = (name) => form.elements.namedItem(name);
const PLACE = "recovery.reader"; // in local storage, never in a cookie
const KEPT = ["author", "email", "url"];
const MOST_KEYS = 5;

const STORES = ["localStorage", "sessionStorage"];

function recall(store = "localStorage") {
  try {
    return JSON.parse(window[store].getItem(PLACE));
  } catch {
    return null;
  }
}

function keep(reader, store = "localStorage") {
  try {
    if (reader) window[store].setItem(PLACE, JSON.stringify(reader));
    else window[store].removeItem(PLACE);
  } catch {}
}

const keysOf = (reader) => (Array.isArray(reader?.keys) ? reader.keys.map(String) : []);

function remember(box) {
  const reader = recall();
  box.closest(".field").hidden = false;
  if (reader) {
    box.checked = true;
    for (const name of KEPT) field(name).value ||= reader[name] || "";
    field("earlier").value = keysOf(reader).map((each) => each.split(" ")[0]).join(" ");
  }
  form.addEventListener("submit", () => {
    const values = KEPT.map((name) => [name, field(name).value]);
    keep(box.checked && { ...Object.fromEntries(values), keys: keysOf(recall()) });
  });
  box.addEventListener("change", () => {
    if (box.checked) return;
    keep(null);
    field("earlier").value = "";
  });
}

// The form moves below what is answered.
function move() {
  const home = document.createComment("");
  const title = find("#reply-title span");
  const cancel = find("#cancel-reply");
  const links = [...document.querySelectorAll("a.reply")];
  const id = (link) => new URL(link.href).searchParams.get("reply");
  let opener = null;
  respond.before(home);

  const place = (link) => {
    opener = link;
    field("parent").value = link ? id(link) : "";
    title.textContent = link ? link.getAttribute("aria-label") : title.dataset.blank;
    cancel.hidden = !link;
    for (const each of links) each.setAttribute("aria-expanded", each === link);
    if (link) link.closest("article").after(respond);
    else home.after(respond);
  };

  for (const link of links) {
    link.setAttribute("aria-controls", respond.id);
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      place(link);
      field("comment").focus();
    });
  }
  cancel.addEventListener("click", (event) => {
    event.preventDefault();
    const before = opener;
    place(null);
    (before || field("comment")).focus();
  });
  const asked = field("parent").value;
  const link = asked && links.find((each) => id(each) === asked);
  if (link) place(link);
  else for (const each of links) each.setAttribute("aria-expanded", false);
}

function openAddressed() {
  let id = location.hash.slice(1);
  try {
    id = decodeURIComponent(id);
  } catch {}
  const details = document.getElementById(id)?.closest("details");
  if (!details || details.open) return;
  details.open = true;
  details.scrollIntoView();
}

if (form) {
  if (field("remember")) remember(field("remember"));
  move();
}
find("#errors")?.focus();
find(".contents details")?.toggleAttribute("open", matchMedia("(min-width: 78em)").matches);

// Comments of this browser: until it is closed, or for good if the reader is to be remembered.
const own = find("[data-comment-key]")?.dataset;
if (own) {
  for (const store of STORES) {
    const kept = recall(store) || (store === "sessionStorage" && {});
    if (!kept) continue;
    const others = keysOf(kept).filter((each) => !each.startsWith(own.commentKey));
    const keys = own.article ? [`${own.commentKey} ${own.article}`, ...others] : others;
    keep({ ...kept, keys: keys.slice(0, MOST_KEYS) }, store);
  }
  const published = location.hash === "#posted" && find("[data-published]");
  if (published) location.replace(published.href);
}

function linkOwn(responses) {
  const kept = new Set(STORES.flatMap((store) => keysOf(recall(store))));
  const here = [...kept].map((each) => each.split(" ")).filter(([, path]) => path === location.pathname);
  if (!here.length) return;
  const line = document.createElement("p");
  line.className = "reactions";
  const [said, yours, nth] = responses.dataset.own.split("|");
  line.append(said);
  here.forEach(([key], index) => {
    const link = document.createElement("a");
    link.href = `/comments/${key}/`;
    link.textContent = here.length > 1 ? `${nth} ${index + 1}` : yours;
    line.append(index ? ", " : " ", link);
  });
  responses.append(line);
}

function seekAddressed() {
  const pk = location.hash.match(/^#comment-(\d{1,15})$/)?.[1];
  const wasLed = performance.getEntriesByType("navigation")[0]?.redirectCount;
  if (!pk || wasLed || !find("#responses") || document.getElementById(`comment-${pk}`)) return;
  location.replace(`${location.pathname}?comment=${pk}${location.hash}`);
}

if (find("#responses")) linkOwn(find("#responses"));
for (const look of [openAddressed, seekAddressed]) {
  look();
  addEventListener("hashchange", look);
}
addEventListener("beforeprint", () => {
  for (const each of document.querySelectorAll("details")) each.open = true;
});
