// The page: the model's card, a form made from its features, and the reasons for a score.
const element = (id) => document.getElementById(id);
const needsKey = document.body.dataset.keys === "yes";
let key = "", model = null, examples = [];

function make(name, properties = {}, children = []) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

async function ask(path, body) {
  const headers = key ? { "X-API-Key": key } : {};
  const options = body ? { method: "POST", headers: { ...headers, "Content-Type": "application/json" }, body: JSON.stringify(body) } : { headers };
  const response = await fetch(path, options);
  if (!response.ok) throw new Error(await explanation(response));
  return response;
}

async function explanation(response) {
  const { error } = await response.json().catch(() => ({ error: { message: response.statusText } }));
  const details = (error.details || []).map((d) => `${d.field || "row"}: ${d.problem}; allowed: ${d.allowed}`);
  return [error.message, ...details].join("\n");
}

async function guarded(work) {
  element("trouble").hidden = true;
  try {
    await work();
  } catch (error) {
    element("trouble").textContent = error.message;
    element("trouble").hidden = false;
  }
}

async function load() {
  model = await (await ask("model-info")).json();
  examples = (await (await ask("examples")).json()).examples;
  showCard();
  showForm();
}

function showCard() {
  const facts = { Version: model.version, Predicts: model.predicts, "Trained through": (model.trained_through || "").slice(0, 10), Threshold: percent(model.threshold), Features: model.features.length };
  element("card").replaceChildren(...Object.entries(facts).flatMap(([name, value]) => [make("dt", { textContent: name }), make("dd", { textContent: value || "not said" })]));
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
const number = (value) => value == null ? "–" : Number(value.toPrecision(4)).toString();
const percent = (p) => `${(100 * p).toPrecision(3)}%`;

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
  const [{ probability, prediction, contributions, missing, missing_count: lacking }] = answer.predictions;
  element("probability").textContent = percent(probability);
  element("verdict").textContent = `to buy. ${prediction ? "At or above" : "Below"} the threshold of ${percent(answer.threshold)}: ${prediction ? "act" : "do not act"}.`;
  element("meter").value = probability;
  element("missing").textContent = lacking ? `Training always knew ${lacking} feature${lacking > 1 ? "s" : ""} that this row lacks: ${missing.join(", ")}${lacking > missing.length ? " and more" : ""}.` : "";
  element("missing").hidden = !lacking;
  const largest = Math.max(...contributions.map((c) => Math.abs(c.contribution)));
  element("reasons").replaceChildren(...contributions.map((c) => reason(c, features[c.feature], largest)));
  element("result").hidden = false;
  element("result").scrollIntoView({ block: "nearest" });
}

function reason({ feature, contribution }, value, largest) {
  const share = `${contribution < 0 ? "−" : "+"}${Math.abs(contribution).toFixed(2)}`;
  return make("li", {}, [
    make("span", { className: "feature", textContent: feature }),
    make("span", { className: "value", textContent: typeof value === "number" ? number(value) : value ?? "missing" }),
    make("span", { className: "track", ariaHidden: "true" }, [bar(contribution / largest)]),
    make("span", { className: "share", textContent: share }),
  ]);
}

function bar(share) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  const width = 50 * Math.abs(share);
  for (const [name, value] of Object.entries({ x: share < 0 ? 50 - width : 50, y: 1, width, height: 8, class: share < 0 ? "down" : "up" })) rect.setAttribute(name, value);
  svg.setAttribute("viewBox", "0 0 100 10");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.append(rect);
  return svg;
}

async function openReport(event) {
  if (!key) return;
  event.preventDefault(); // a link cannot carry the key
  const page = await (await ask(event.target.href)).blob();
  const name = event.target.href.split("/").pop();
  make("a", { href: URL.createObjectURL(page), download: name }).click();
}

element("example").addEventListener("change", fill);
element("score-form").addEventListener("submit", (event) => { event.preventDefault(); guarded(score); });
for (const link of document.querySelectorAll("a.report")) link.addEventListener("click", (event) => guarded(() => openReport(event)));
if (needsKey) element("key-form").addEventListener("submit", (event) => { event.preventDefault(); key = element("key").value; guarded(load); });
else guarded(load);
