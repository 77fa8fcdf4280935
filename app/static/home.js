// The page: the model's card, and a form made from its features, filled from examples. The other parts are modules.
import { ask, element, guarded, list, make, needsKey, number, onSubmit, percent, shared } from "./page.js";
import { show } from "./result.js";
import * as live from "./live.js";
import * as shopper from "./shopper.js";

let model = null, examples = [];

async function load() {
  model = shared.model = await (await ask("model-info")).json();
  examples = (await (await ask("examples")).json()).examples;
  showCard();
  showForm();
  shopper.begin();
  await live.begin(load);
}

function showCard() {
  const days = model.horizon_days && `${model.horizon_days} day${model.horizon_days === 1 ? "" : "s"}`;
  if (days) element("horizon").textContent = `within ${days}`;
  list("card", { Version: model.version, Predicts: model.predicts, Horizon: days, "Trained through": (model.trained_through || "").slice(0, 10), Threshold: percent(model.threshold), Features: model.features.length });
  element("metrics").replaceChildren(...metricRows(model.metrics));
  element("model").hidden = false;
}

function metricRows({ on, rows, values }) {
  const found = Object.entries(values);
  if (!found.length) return [];
  const head = make("tr", {}, ["Metric", "Value", "95% interval"].map((text) => make("th", { scope: "col", textContent: text })));
  const body = found.map(([name, { value, low, high }]) => make("tr", {}, [make("th", { scope: "row", textContent: words(name) }), make("td", { textContent: number(value) }), make("td", { textContent: `${number(low)} to ${number(high)}` })]));
  return [make("caption", { textContent: `On ${rows ? `${rows.toLocaleString()} rows of ` : ""}${on}` }), make("thead", {}, [head]), make("tbody", {}, body)];
}

const NAMES = { pr_auc: "PR-AUC", roc_auc: "ROC-AUC", log_loss: "log-loss", brier: "Brier score" };
const words = (name) => NAMES[name] || name.replaceAll("_", " ");

function showForm() {
  const families = Map.groupBy(model.features, (feature) => feature.family || "features");
  element("families").replaceChildren(...[...families].map(([name, features]) => family(name, features)));
  element("example").replaceChildren(...examples.map((e, i) => make("option", { value: i, textContent: `example ${i + 1} of ${examples.length}: ${percent(e.probability)}` })));
  element("example").value = examples.length - 1;
  fill();
  element("score-form").hidden = false;
}

function family(name, features) {
  const summary = make("summary", { textContent: `${name} (${features.length})` });
  return make("details", {}, [summary, make("div", { className: "fields" }, features.map(field))]);
}

function field(feature) {
  const unit = feature.unit ? [" ", make("span", { className: "unit", textContent: `(${feature.unit})` })] : [];
  const label = make("label", { htmlFor: `f-${feature.name}`, title: feature.description }, [feature.nullable === false ? `${feature.name} *` : feature.name, ...unit]);
  return make("div", {}, [label, control(feature)]);
}

function control(feature) {
  const levels = (model.levels || {})[feature.name];
  const common = { id: `f-${feature.name}`, name: feature.name, title: feature.description };
  if (!levels) return make("input", { ...common, type: "number", step: "any", min: feature.minimum ?? "" });
  return make("select", common, ["", ...levels].map((level) => make("option", { value: level, textContent: level || "missing" })));
}

function fill() {
  const { features } = examples[element("example").value];
  for (const { name } of model.features) element(`f-${name}`).value = features[name] ?? "";
  element("result").hidden = true;
}

function row() {
  const filled = model.features.filter((f) => element(`f-${f.name}`).value !== "");
  return Object.fromEntries(filled.map((f) => [f.name, f.type === "category" ? element(`f-${f.name}`).value : Number(element(`f-${f.name}`).value)]));
}

async function score() {
  const features = row();
  const answer = await (await ask("predict", { features: [features], explain: 8 })).json();
  show(answer, features, "");
}

async function openReport(event) {
  if (!shared.key) return;
  event.preventDefault(); // a link cannot carry the key
  const page = await (await ask(event.target.href)).blob();
  const name = event.target.href.split("/").pop();
  make("a", { href: URL.createObjectURL(page), download: name }).click();
}

element("example").addEventListener("change", fill);
onSubmit("score-form", score);
for (const link of document.querySelectorAll("a.report")) link.addEventListener("click", (event) => guarded(() => openReport(event)));
if (needsKey) onSubmit("key-form", () => { shared.key = element("key").value; return load(); });
else guarded(load);
