// Keys for the queue of comments, for those who switched them on; and for everybody: focus on the
// next comment after an act, which is said aloud. Every key presses a button that is on the page.
const find = (selector, within = document) => within.querySelector(selector);
const rows = [...document.querySelectorAll("#result_list tbody tr")];
const dialog = find("#queue-keys");
const SPOKEN_AFTER = 300; // milliseconds: readers of screens miss what is there when a page opens

let here = -1; // the row that was last moved to
let isLeaving = false; // a form was sent; its answer is on the way

function goTo(index) {
  if (!rows.length) return;
  here = Math.max(0, Math.min(index, rows.length - 1));
  rows[here].focus();
}

function current() {
  const focused = rows.indexOf(document.activeElement?.closest("tr"));
  if (focused >= 0) here = focused;
  return rows[here];
}

const press = (button) => button?.click();

const verb = (...names) => () => {
  const row = current();
  const buttons = names.map((name) => row && find(`[name=_moderate][value^="${name}:"]`, row));
  press(buttons.find(Boolean));
};

const verbForSelected = (...names) => () => {
  const choice = find("select[name=action]");
  const name = names.find((name) => choice && find(`option[value=${name}]`, choice));
  if (!name || !find(".action-select:checked")) return;
  choice.value = name;
  press(find("button[name=index]"));
};

function reply() {
  const details = current() && find(".queue-reply", current());
  if (!details) return;
  details.open = true;
  find("textarea", details).focus();
}

function toggle(selector) {
  const details = current() && find(selector, current());
  if (details) details.open = !details.open;
}

const KEYS = {
  j: () => goTo(current() ? here + 1 : 0),
  k: () => goTo(current() ? here - 1 : 0),
  a: verb("approve"),
  s: verb("spam"),
  d: verb("trash"),
  h: verb("hold", "restore"),
  z: () => press(find("[name=_undo]")),
  b: () => current() && press(find(".queue-block", current())),
  r: reply,
  e: () => toggle(".queue-long"),
  x: () => current() && find(".action-select", current())?.click(),
  "?": () => dialog.showModal(),
};
const WITH_SHIFT = {
  a: verbForSelected("approve"),
  s: verbForSelected("spam"),
  d: verbForSelected("trash"),
  h: verbForSelected("hold", "restore"),
  x: () => find("#action-toggle")?.click(),
  "?": KEYS["?"],
};

const isTyping = ({ target }) =>
  target.isContentEditable || target.matches("textarea, select, input:not([type=checkbox])");

function leaveReply(event) {
  const row = event.target.closest("#result_list tr");
  if (event.key === "Escape" && row && event.target.matches("textarea")) row.focus();
}

function onKey(event) {
  if (isTyping(event)) return leaveReply(event);
  if (event.key === "Escape") isLeaving = false; // it stops a page that is on its way
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.repeat && !"jk".includes(event.key)) return;
  if (dialog.open || isLeaving) return;
  const act = (event.shiftKey ? WITH_SHIFT : KEYS)[event.key.toLowerCase()];
  if (!act) return;
  event.preventDefault();
  act();
}

// The admin takes what is typed into a row for changes that a bulk act loses, and asks. It is kept.
function keepFromAdmin(event) {
  if (!event.target.matches(".action-select")) event.stopPropagation();
}

function noteLeaving(event) {
  // One that was cancelled leads nowhere, nor does the one that closes the dialog.
  isLeaving = !event.defaultPrevented && event.target.method === "post";
}

function listen() {
  const help = find("#queue-help");
  help.parentElement.hidden = false;
  help.addEventListener("click", KEYS["?"]);
  document.addEventListener("keydown", onKey);
  document.addEventListener("submit", noteLeaving);
  // Back from another page, with this one as it was left.
  window.addEventListener("pageshow", () => (isLeaving = false));
}

function focusTarget() {
  if (!location.hash) return;
  const target = document.getElementById(location.hash.slice(1));
  // The next comment has been decided about, too: then on with the first.
  (target || rows[0] || find("#queue-empty"))?.focus();
  current();
}

function speak() {
  const said = find(".queue-messages");
  if (said) setTimeout(() => said.replaceChildren(...said.childNodes), SPOKEN_AFTER);
}

for (const row of rows) row.addEventListener("change", keepFromAdmin);
focusTarget();
speak();
if (dialog) listen();
