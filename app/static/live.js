// What arrives now and which model serves, from the counts of all workers; and another model in its place, for admins.
import { ask, element, list, number, onSubmit, percent, shared, table } from "./page.js";

const EVERY = 2000; // milliseconds
let before = null;

export async function begin(reload) {
  shared.isAdmin = (await fetch("users/-", { headers: shared.key ? { "X-API-Key": shared.key } : {} })).ok;
  element("swap-form").hidden = !shared.isAdmin;
  if (shared.isAdmin) await showVersions();
  onSwap = reload;
}

let onSwap = () => {};

async function showVersions() {
  const { versions, champion } = await (await ask("models")).json();
  element("version").replaceChildren(...versions.toReversed().map((v) => new Option(v === champion ? `${v} (serves)` : v, v, v === champion, v === champion)));
}

async function swap() {
  const answer = await (await ask("load-model", { version: element("version").value })).json();
  element("swapped").textContent = `${answer.model_version} serves${answer.everywhere ? " in every worker" : "; not yet in every worker"}.`;
  await showVersions();
  await onSwap();
}

function parsed(text) {
  const lines = text.split("\n").filter((line) => line && !line.startsWith("#"));
  return lines.map((line) => line.match(/^(\w+)(?:\{(.*)\})? (\S+)$/)).filter(Boolean).map(([, name, labels, value]) => ({ name, value: Number(value), labels: Object.fromEntries([...(labels || "").matchAll(/(\w+)="([^"]*)"/g)].map(([, k, v]) => [k, v])) }));
}

const total = (samples, name) => samples.filter((s) => s.name === name).reduce((sum, s) => sum + s.value, 0);

function shown(samples, seconds) {
  const rate = (name) => before ? `${number((total(samples, name) - total(before.samples, name)) / seconds)} a second, ${total(samples, name).toLocaleString()} so far` : total(samples, name).toLocaleString();
  const rows = total(samples, "willbuy_rows_total");
  return {
    Requests: `${rate("willbuy_requests_total")}, ${total(samples, "willbuy_requests_in_flight") - 1} in flight`,
    "Events taken": rate("willbuy_events_total"),
    "Rows scored": rate("willbuy_rows_total"),
    "Mean probability": rows ? percent(total(samples, "willbuy_probability_sum") / rows) : "none yet",
    "Unknown shoppers, items": `${total(samples, "willbuy_unknown_users_total")}, ${total(samples, "willbuy_unknown_items_total")}`,
    Store: total(samples, "willbuy_store_up") ? "answers" : "does not answer",
  };
}

async function look() {
  if (document.hidden) return;
  const response = await fetch("metrics");
  element("live").hidden = !response.ok; // a proxy may keep it to its own machine
  if (!response.ok) return;
  const [samples, now] = [parsed(await response.text()), performance.now()];
  list("traffic", shown(samples, before ? (now - before.now) / 1000 : 1));
  table("workers", ["Worker", "Model"], samples.filter((s) => s.name === "willbuy_worker_model").map((s) => [s.labels.worker, s.labels.version || "none"]));
  before = { samples, now };
}

onSubmit("swap-form", swap);
look().catch(() => {});
setInterval(() => look().catch(() => { element("live").hidden = true; }), EVERY);
