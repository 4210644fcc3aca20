"use strict";
// The block of data -> tables of hosts, columns and results. Written by page_data.py.

const BLOCKING = 1, OWN = 2, DIFFERS = 4;
const PROBLEMS = new Set(["fail", "unknown", "warn"]);
const WORST_FIRST = ["fail", "unknown", "warn", "pass", "skip"];
const WORDS = { pass: "ok" };
const STATUS_WORDS = { notReady: "not ready", halfDone: "half done" };
const STATUS_ORDER = ["notReady", "unreachable", "halfDone", "member", "ready"];

function wordOf(verdict) {
  return WORDS[verdict] || verdict;
}

function statusWord(status) {
  return STATUS_WORDS[status] || status;
}

function decode(raw) {
  const texts = [""], results = [], facts = [], hosts = [];
  const places = raw.columns.map((column) => column[0]);
  const columnOfRow = new Map(places.map((row, column) => [row, column]));
  const columns = raw.columns.map(([, check, subject, name]) => (
    { check, subject, name, key: subject ? `${check} ${subject}` : check }
  ));
  const width = columns.length;
  // a host's result in each column: its number and one, or 0 where there is none
  const cells = new Int32Array(raw.hosts.length * width);
  for (const [newTexts, newResults, newFacts, about, own, groups] of raw.hosts) {
    for (const text of newTexts) texts.push(text);
    for (const result of newResults) results.push(result);
    for (const group of newFacts) facts.push(group);
    const start = hosts.length * width;
    for (const number of own) cells[start + columnOfRow.get(results[number][0])] = number + 1;
    const [name, nodeName, address, roles, role, status, reason, connect, probe, retries,
      kubeadm, kubelet, captureId, notes] = about;
    hosts.push({
      number: hosts.length, name, nodeName: nodeName === 0 ? name : nodeName, address,
      roles: roles.map((text) => texts[text]), role: texts[role],
      status: raw.statuses[status], reason, connect, probe, retries,
      kubeadm: texts[kubeadm], kubelet: texts[kubelet], captureId, notes,
      facts: groups === null ? null : groups.map((group) => facts[group]),
    });
  }
  const decoded = results.map((result) => {
    const [row, verdict, flags, evidence, message, remedy, source, findings, ignored, says] = result;
    return {
      column: columnOfRow.get(row), verdict: raw.verdicts[verdict][0], flags,
      evidence: texts[evidence], message: texts[message], remedy: texts[remedy],
      source: texts[source], ignored: ignored === 0 ? null : ignored.map((text) => texts[text]),
      says: says === 0 ? null : says.map((text) => texts[text]),
      findings: (findings || []).map(([error, said, have, need, from]) => ({
        error: error === 1, message: texts[said], have: texts[have], need: texts[need],
        source: texts[from],
      })),
    };
  });
  const symbols = new Map(raw.verdicts);
  return { hosts, columns, results: decoded, cells, width, symbols, whole: raw.whole };
}

// The result of a host in a column, or undefined.
function resultAt(data, host, column) {
  return data.results[data.cells[host * data.width + column] - 1];
}

// An element with text and children; a host's words only ever become text.
function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined && value !== "") {
      element.setAttribute(name, value);
    }
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}
