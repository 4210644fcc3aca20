// A section for each host: what was found, what was needed, where it was read, and what to do.

const PAGES = 24;

function badge(data, verdict, ...more) {
  const sign = make("span", { "aria-hidden": "true" }, data.symbols.get(verdict));
  return make("span", { class: `badge v-${verdict}` }, sign, " ", ...more, wordOf(verdict));
}

function hostSection(data, host) {
  const counts = countsOf(data, host.number).map(([verdict, count]) => badge(data, verdict, `${count} `));
  const status = make("span", { class: `status s-${host.status}` },
    `${statusSymbol(data, host.status)} ${statusWord(host.status)}`);
  const section = make("details", { class: "host", "data-host": host.number },
    make("summary", {}, make("h3", {}, host.name),
      host.address === host.name ? "" : make("span", { class: "quiet" }, host.address), status,
      secondsOf(host) ? make("span", { class: "quiet" }, `${secondsOf(host).toFixed(2)} s`) : "",
      make("span", { class: "counts" }, ...counts)));
  section.addEventListener("toggle", () => section.open && fillHost(data, host, section));
  return section;
}

// Done when the section is first opened: most of them never are.
function fillHost(data, host, section) {
  if (section.lastElementChild.tagName !== "SUMMARY") return;
  const results = [...Array(data.width).keys()].map((column) => resultAt(data, host.number, column));
  const known = results.filter(Boolean);
  const isProblem = (result) => PROBLEMS.has(result.verdict);
  const problems = WORST_FIRST.flatMap((verdict) => (
    known.filter((result) => isProblem(result) && result.verdict === verdict)
  ));
  section.append(make("div", { class: "inside" },
    host.reason && make("p", { class: "v-fail" }, host.reason),
    about(host), ...host.notes.map((note) => make("p", { class: "note" }, note)),
    problems.length ? make("ul", { class: "results" }, ...problems.map((r) => resultItem(data, r))) : "",
    ...["pass", "skip"].map((verdict) => folded(data, verdict, known.filter((r) => r.verdict === verdict))),
    factsOf(data, host)));
}

function about(host) {
  const timed = (seconds) => (seconds === null ? "" : `${seconds.toFixed(2)} s`);
  const rows = [
    ["judged as", host.role], ["roles", host.roles.join(", ")],
    ["node name", host.nodeName], ["kubeadm", host.kubeadm], ["kubelet", host.kubelet],
    ["connected in", timed(host.connect)], ["probed in", timed(host.probe)],
    ["connected again", host.retries ? `${host.retries} times` : ""], ["capture", host.captureId],
  ].filter(([, value]) => value);
  return make("dl", { class: "about" }, ...rows.map(([name, value]) => (
    make("div", {}, make("dt", {}, name), make("dd", {}, value))
  )));
}

function folded(data, verdict, results) {
  if (!results.length) return "";
  return make("details", { class: "folded" }, make("summary", {}, badge(data, verdict, `${results.length} `)),
    make("ul", { class: "results" }, ...results.map((result) => resultItem(data, result))));
}

function resultItem(data, result) {
  const column = data.columns[result.column];
  const origin = `${column.check}${result.flags & OWN ? ", not kubeadm's" : ""}, evidence: ${result.evidence}`;
  const says = result.says && result.says.length === 0 && result.flags & DIFFERS
    ? [make("p", { class: "quiet" }, "kubeadm says nothing")]
    : (result.says || []).map((line) => make("p", { class: "quiet" }, "kubeadm says: ", make("code", {}, line)));
  return make("li", { class: result.verdict, "data-column": result.column },
    make("div", { class: "what" }, badge(data, result.verdict), make("h4", {}, column.name),
      make("p", { class: "quiet" }, origin)),
    make("div", { class: "said" },
      result.message && make("p", {}, result.message),
      ...result.findings.map((finding) => evidence(finding, result)),
      result.findings.length || !result.source ? ""
        : make("dl", { class: "evidence" }, ...pair("read from", result.source)),
      ...says,
      result.ignored && make("p", { class: "quiet" },
        `Ignored${result.ignored[1] ? ` until ${result.ignored[1]}` : ""}: ${result.ignored[0]}`),
      result.verdict === "unknown" && !(result.flags & BLOCKING)
        ? make("p", { class: "quiet" }, "This could only have been a warning.") : ""),
    result.remedy && fixOf(result.remedy));
}

function pair(name, value) {
  return value ? [make("div", {}, make("dt", {}, name), make("dd", {}, make("code", {}, value)))] : [];
}

function evidence(finding, result) {
  const rows = [
    ...pair("has", finding.have || (finding.need && "nothing")), ...pair("needs", finding.need),
    ...pair("read from", finding.source || result.source),
  ];
  const said = result.findings.length > 1 ? make("p", {}, finding.message) : "";
  return make("div", { class: "finding" }, said,
    rows.length ? make("dl", { class: "evidence" }, ...rows) : "");
}

// As the template has it: the sentence, then its commands to copy.
function fixOf(remedy) {
  const parts = remedy.split(/`([^`]+)`/);
  const codes = parts.filter((part, n) => n % 2 && part.trim().includes(" "));
  const sentence = parts.map((part, n) => (n % 2 ? make("code", {}, part) : part));
  const box = make("div", { class: "fix" },
    make("p", { class: codes.length ? "" : "only" }, make("b", {}, "Fix"), " ",
      make("span", { "data-copy": !codes.length }, ...sentence)),
    ...[...new Set(codes)].map((code) => (
      make("p", { class: "command" }, make("code", { "data-copy": true }, code))
    )));
  addCopyButtons(box);
  return box;
}

function factsOf(data, host) {
  if (host.facts === null) {
    return make("p", { class: "quiet" }, `Its facts are left out: the page is of more than ${data.whole} hosts and nothing is wrong with this one. The report in JSON has them.`);
  }
  if (!host.facts.length) return "";
  const groups = host.facts.map(([name, fields]) => make("section", {}, make("h4", {}, name),
    make("dl", {}, ...fields.flatMap(([field, value]) => (
      [field && make("dt", {}, field), make("dd", {}, value)].filter(Boolean)
    )))));
  return make("details", { class: "folded" },
    make("summary", {}, `Facts, ${host.facts.length} groups`), make("div", { class: "facts" }, ...groups));
}

// Opens what is around a result, and shows where it is.
function pointAt(section, column) {
  for (const old of document.querySelectorAll("li.meant")) old.classList.remove("meant");
  const item = section.querySelector(`li[data-column="${column}"]`);
  if (!item) return section;
  const around = item.closest("details.folded");
  if (around) around.open = true;
  item.classList.add("meant");
  return item;
}
