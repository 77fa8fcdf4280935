// What all parts of the page share: elements, requests with the key, and numbers as people read them.
export const element = (id) => document.getElementById(id);
export const needsKey = document.body.dataset.keys === "yes";
export const shared = { key: "", model: null, isAdmin: false };

export function make(name, properties = {}, children = []) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

export function table(into, columns, rows) {
  const head = make("tr", {}, columns.map((text) => make("th", { scope: "col", textContent: text })));
  const body = rows.map((cells) => make("tr", {}, cells.map((text) => make("td", { textContent: text ?? "–" }))));
  element(into).replaceChildren(make("thead", {}, [head]), make("tbody", {}, body));
}

export function list(into, facts) {
  const pairs = Object.entries(facts).flatMap(([name, value]) => [make("dt", { textContent: name }), make("dd", { textContent: value || "not said" })]);
  element(into).replaceChildren(...pairs);
}

export async function ask(path, body) {
  const headers = shared.key ? { "X-API-Key": shared.key } : {};
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

export async function guarded(work) {
  element("trouble").hidden = true;
  try {
    await work();
  } catch (error) {
    element("trouble").textContent = error.message;
    element("trouble").hidden = false;
  }
}

export function onSubmit(form, work) {
  element(form).addEventListener("submit", (event) => { event.preventDefault(); guarded(work); });
}

export const number = (value) => value == null ? "–" : Number(value.toPrecision(4)).toString();
export const percent = (p) => `${(100 * p).toPrecision(3)}%`;
