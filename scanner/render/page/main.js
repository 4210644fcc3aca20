// The page: its controls, its address and what they change.

function addCopyButtons(within) {
  for (const source of within.querySelectorAll("[data-copy]")) source.parentElement.append(copyButton(source));
}

function copyButton(source) {
  const text = source.textContent.trim();
  const button = make("button", { type: "button", class: "copy", "aria-label": `Copy: ${text.slice(0, 100)}` }, "Copy");
  button.addEventListener("click", async () => {
    const done = await copied(text, source);
    button.textContent = done ? "Copied" : "Selected";
    document.getElementById("told").textContent = done ? "Copied" : "Selected: copy it with the keyboard";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  return button;
}

// A page from a disk may have no clipboard: then the text is selected, and a key copies it.
async function copied(text, source) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    getSelection().selectAllChildren(source);
    return document.execCommand("copy");
  }
}

function fillControls(data, form) {
  const roles = [...new Set(data.hosts.flatMap((host) => [...host.roles, host.role]))].filter(Boolean).sort();
  form.elements.role.append(...roles.map((role) => make("option", { value: role }, role)));
  form.elements.check.append(...data.columns.map((column) => (
    make("option", { value: column.key }, column.name === column.check ? column.key : `${column.name} (${column.check})`)
  )));
  const [statuses, verdicts] = form.querySelectorAll("fieldset");
  const count = new Map();
  const add = (key) => count.set(key, (count.get(key) || 0) + 1);
  for (const host of data.hosts) {
    add(host.status);
    for (const [verdict] of countsOf(data, host.number)) add(verdict);
  }
  const chip = (name, value, symbol, word, look) => make("label", { class: "chip" },
    make("input", { type: "checkbox", name, value }),
    make("span", { class: look }, make("span", { "aria-hidden": "true" }, symbol), ` ${word} `,
      make("span", { class: "number" }, count.get(value).toLocaleString("en"))));
  statuses.append(...STATUS_ORDER.filter((value) => count.has(value)).map((value) => (
    chip("status", value, statusSymbol(data, value), statusWord(value), `s-${value}`))));
  verdicts.append(...WORST_FIRST.filter((value) => count.has(value)).map((value) => (
    chip("verdict", value, data.symbols.get(value), wordOf(value), `v-${value}`))));
}

function readForm(form, state) {
  const given = new FormData(form);
  const read = Object.fromEntries(FIELDS.filter((name) => name !== "open" && name !== "at").map((name) => (
    [name, LISTS.has(name) ? given.getAll(name) : given.get(name) || ""]
  )));
  return { ...state, ...read };
}

function writeForm(form, state) {
  for (const field of form.elements) {
    if (field.type === "checkbox") {
      field.checked = LISTS.has(field.name) ? state[field.name].includes(field.value) : Boolean(state.all);
    } else if (field.name && field.value !== state[field.name]) field.value = state[field.name];
  }
  // a check by its id alone, or one that this report does not have
  const { check } = form.elements;
  if (state.check && check.value !== state.check) {
    check.append(make("option", { value: state.check }, state.check));
    check.value = state.check;
  }
}

function start() {
  const data = decode(JSON.parse(document.getElementById("data").textContent));
  const index = searchIndex(data);
  const byName = new Map(data.hosts.map((host) => [host.name, host]).reverse());
  const form = document.getElementById("filters"), pages = document.getElementById("pages");
  const said = document.getElementById("count"), shown = document.getElementById("shown");
  let state = emptyState();
  const grid = new Grid(data, document.getElementById("grid"), document.getElementById("cell"),
    (host, column) => go({ ...state, open: data.hosts[host].name, at: column === undefined ? "" : data.columns[column].key }),
    (column) => {
      const { key } = data.columns[column];
      go({ ...state, check: state.check === key ? "" : key });
    });

  // A step that the browser's Back button undoes.
  function go(next) {
    const fragment = `#${formatState(next)}`;
    if (fragment === location.hash) arrive();
    else location.hash = fragment;
  }

  function apply() {
    const { hosts, columns } = select(data, index, state);
    grid.set(hosts, columns);
    const many = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
    said.textContent = `${many(hosts.length, "host")} of ${data.hosts.length.toLocaleString("en")}, `
      + `${many(columns.length, "check")} of ${data.width}`
      + (columns.length < data.width && !state.check ? "; the others have no problem here" : "");
    const meant = byName.get(state.open);
    const rest = hosts.filter((host) => !meant || host !== meant.number);
    const first = meant ? [meant.number, ...rest] : rest;
    const listed = meant && hosts.indexOf(meant.number) >= 0 && hosts.indexOf(meant.number) < PAGES ? hosts : first;
    pages.replaceChildren(...listed.slice(0, PAGES).map((host) => hostSection(data, data.hosts[host])));
    shown.textContent = listed.length > PAGES
      ? `${PAGES} of ${listed.length.toLocaleString("en")}: choose one in the matrix, or filter it` : String(listed.length);
    const section = meant && pages.querySelector(`[data-host="${meant.number}"]`);
    if (section) {
      fillHost(data, meant, section);
      section.open = true;
    }
    return section;
  }

  function arrive() {
    const next = parseState(location.hash);
    if (!next) return;
    state = next;
    writeForm(form, state);
    const section = apply();
    if (section) {
      const column = data.columns.findIndex((one) => one.key === state.at);
      const item = pointAt(section, column);
      section.querySelector("summary").focus({ preventScroll: true });
      item.scrollIntoView({ block: item === section ? "start" : "center" });
    } else if (location.hash.length > 1) document.getElementById("matrix").scrollIntoView();
  }

  function typed() {
    state = { ...readForm(form, state), open: "", at: "" };
    history.replaceState(null, "", `#${formatState(state)}`);
    apply();
  }

  function key(event) {
    if (event.key === "/" && !event.target.closest("input, select, textarea") && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      form.elements.text.focus();
    } else if (event.key === "Escape" && event.target.closest("#pages")) {
      grid.table.focus({ preventScroll: true });
      grid.scroller.scrollIntoView({ block: "center" });
    }
  }

  let closed = [];
  function beforePrint() {
    grid.draw(true);
    closed = [...document.querySelectorAll("details.host:not([open]), details.with:not([open])")];
    for (const section of closed) {
      if (section.matches(".host")) fillHost(data, data.hosts[section.dataset.host], section);
      section.open = true;
    }
  }

  function afterPrint() {
    for (const section of closed) section.open = false;
    grid.draw();
  }

  for (const part of document.querySelectorAll("[hidden]")) part.hidden = false;
  addCopyButtons(document);
  fillControls(data, form);
  form.addEventListener("input", typed);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    writeForm(form, emptyState());
    typed();
  });
  addEventListener("hashchange", arrive);
  addEventListener("keydown", key);
  addEventListener("beforeprint", beforePrint);
  addEventListener("afterprint", afterPrint);
  if (parseState(location.hash)) arrive();
  else apply();
  document.getElementById("without").remove();
}

start();
