// What is asked for <-> the fragment of the page's address, and what of the data that is.

const FIELDS = ["text", "host", "role", "check", "status", "verdict", "order", "all", "open", "at"];
const LISTS = new Set(["status", "verdict"]);

function emptyState() {
  return Object.fromEntries(FIELDS.map((name) => [name, LISTS.has(name) ? [] : ""]));
}

// A fragment without `=` is a place in the page, and asks for nothing: null.
function parseState(fragment) {
  const text = fragment.replace(/^#/, "");
  if (text && !text.includes("=")) return null;
  const state = emptyState();
  for (const [name, value] of new URLSearchParams(text)) {
    if (LISTS.has(name)) state[name] = value.split(",").filter(Boolean);
    else if (name in state) state[name] = value;
  }
  return state;
}

function formatState(state) {
  const given = new URLSearchParams();
  for (const name of FIELDS) {
    const value = LISTS.has(name) ? state[name].join(",") : state[name];
    if (value) given.set(name, value);
  }
  return given.toString().replaceAll("%2C", ",");
}

// `node*, db1` -> a test of names: each part is found anywhere, or with * matches the whole name.
function namePattern(text) {
  const parts = text.toLowerCase().split(",").map((part) => part.trim()).filter(Boolean);
  if (!parts.length) return () => true;
  const tests = parts.map((part) => {
    if (!part.includes("*")) return (name) => name.includes(part);
    const pieces = part.split("*");
    return (name) => fits(name, pieces);
  });
  return (name) => tests.some((test) => test(name.toLowerCase()));
}

// Without a regular expression: many stars in one would take its time.
function fits(name, pieces) {
  const last = pieces.length - 1;
  if (!name.startsWith(pieces[0])) return false;
  let from = pieces[0].length;
  for (const piece of pieces.slice(1, last)) {
    const at = name.indexOf(piece, from);
    if (at < 0) return false;
    from = at + piece.length;
  }
  return name.length - pieces[last].length >= from && name.endsWith(pieces[last]);
}

// Lower-case words of each result and host, made once: searching is then only `includes`.
function searchIndex(data) {
  const ofColumn = data.columns.map((column) => `${column.name}\n${column.check}\n${column.subject}`);
  return {
    results: data.results.map((result) => [
      ofColumn[result.column], result.message, result.remedy, result.source,
      ...result.findings.flatMap((f) => [f.message, f.have, f.need, f.source]),
      ...(result.ignored || []), ...(result.says || []),
    ].join("\n").toLowerCase()),
    hosts: data.hosts.map((host) => [
      host.name, host.nodeName, host.address, host.reason, host.role, ...host.roles, ...host.notes,
      host.kubeadm, host.kubelet, host.captureId, statusWord(host.status),
    ].join("\n").toLowerCase()),
  };
}

// Numbers of the hosts and columns that are asked for, in the order to show them.
function select(data, index, state) {
  const words = state.text.trim().toLowerCase();
  const verdicts = new Set(state.verdict), statuses = new Set(state.status);
  const isNamed = namePattern(state.host);
  const asked = data.columns.flatMap((column, number) => (
    !state.check || [column.key, column.check, column.name].includes(state.check) ? [number] : []
  ));
  const fitting = data.results.map((result) => !verdicts.size || verdicts.has(result.verdict));
  const good = words
    ? fitting.map((fits, number) => fits && index.results[number].includes(words)) : fitting;
  const bad = data.results.map((result) => PROBLEMS.has(result.verdict));
  const narrows = Boolean(words || verdicts.size);
  const hit = new Uint8Array(data.width), troubled = new Uint8Array(data.width);
  const hosts = data.hosts.filter((host) => {
    if (statuses.size && !statuses.has(host.status)) return false;
    if (state.role && host.role !== state.role && !host.roles.includes(state.role)) return false;
    if (!isNamed(host.name)) return false;
    // what is said of the host itself is enough, but for a verdict a result has to have it
    const isSaid = !words || index.hosts[host.number].includes(words);
    const counts = isSaid ? fitting : good;
    const start = host.number * data.width;
    let found = isSaid && !verdicts.size && !state.check;
    for (const column of asked) found ||= Boolean(counts[data.cells[start + column] - 1]);
    for (const column of found ? asked : []) {
      const number = data.cells[start + column] - 1;
      if (narrows && good[number]) hit[column] = 1;
      if (bad[number]) troubled[column] = 1;
    }
    return found;
  }).map((host) => host.number);
  const columns = shownColumns(asked, hit, troubled, state);
  return { hosts: ordered(data, hosts, state.order), columns };
}

function shownColumns(asked, hit, troubled, state) {
  if (state.check || state.all) return asked;
  for (const wanted of [hit, troubled]) {
    const some = asked.filter((column) => wanted[column]);
    if (some.length) return some;
  }
  return asked;
}

function ordered(data, hosts, order) {
  if (order === "name") {
    const byName = new Intl.Collator("en", { numeric: true }).compare;
    return hosts.sort((a, b) => byName(data.hosts[a].name, data.hosts[b].name) || a - b);
  }
  if (order === "slow") return hosts.sort((a, b) => secondsOf(data.hosts[b]) - secondsOf(data.hosts[a]) || a - b);
  if (order !== "worst") return hosts;
  const weight = new Map(hosts.map((host) => [host, badness(data, host)]));
  return hosts.sort((a, b) => weight.get(b) - weight.get(a) || a - b);
}

function secondsOf(host) {
  return (host.connect || 0) + (host.probe || 0);
}

function badness(data, host) {
  let sum = STATUS_ORDER.length - STATUS_ORDER.indexOf(data.hosts[host].status);
  for (const [verdict, count] of countsOf(data, host)) {
    sum += count * ({ fail: 1e6, unknown: 1e4, warn: 1e2 }[verdict] || 0);
  }
  return data.hosts[host].status === "unreachable" ? 1e9 : sum;
}

// How many results of a host have each verdict, the worst first, without zeros.
function countsOf(data, host) {
  const counts = new Map(WORST_FIRST.map((verdict) => [verdict, 0]));
  for (let column = 0; column < data.width; column += 1) {
    const result = resultAt(data, host, column);
    if (result) counts.set(result.verdict, counts.get(result.verdict) + 1);
  }
  return [...counts].filter(([, count]) => count);
}
